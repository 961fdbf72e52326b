"""`python -m gatepass` is the `gatepass` script."""

import sys

from gatepass.cli import main

if __name__ == "__main__":
    sys.exit(main())
