"""The command line: one file a command, each imported only when it is called.

It owns what a person types and reads. It decides nothing itself: commands ask a running gate, or the rooms below.
This file imports nothing, so that without click the script can still say what to install.
"""

__all__ = ["main"]


def main() -> int:
    """The `gatepass` script: what it gives is its exit status."""
    import sys

    try:
        import click  # noqa: F401  (asked for here, so that no other import error is taken for this one)
    except ModuleNotFoundError:
        print("gatepass: error: the command line needs `click`", file=sys.stderr)
        print("gatepass: hint: pip install 'gatepass[cli]'", file=sys.stderr)
        return 1

    from gatepass.cli.main import run

    return run(sys.argv[1:])
