"""`pip install gatepass` has no dependency, and importing it takes no time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import gatepass

SOURCE = Path(gatepass.__file__).parents[1]
CLIENT = ["gatepass", "gatepass.errors", "gatepass.sigv4", "gatepass.signing", "gatepass.credentials"]


def bare(code: str) -> str:
    """What a Python without any installed package prints."""
    program = f"import sys; sys.path.insert(0, {str(SOURCE)!r})\n{code}"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], check=True, capture_output=True, text=True, timeout=60
    ).stdout


def test_the_client_needs_nothing_installed() -> None:
    """Every client room, and a signature."""
    assert bare(f"import {', '.join(CLIENT)}; print(gatepass.IdentityPool('us-east-1:0'))").strip() == (
        "IdentityPool('us-east-1:0')"
    )


def test_importing_it_imports_nothing_else() -> None:
    """Names are imported when they are used: the time it takes is that of one small file."""
    code = (
        "import json; before = set(sys.modules); import gatepass; print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    assert set(json.loads(bare(code))) <= {"gatepass", "__future__"}


@pytest.mark.parametrize("module", ["asyncio", "ssl", "http.client", "urllib.request", "logging", "subprocess"])
def test_a_pool_that_has_not_been_asked_has_imported_little(module: str) -> None:
    """Functions in the cloud pay for every import when they start."""
    assert bare(f"import gatepass; gatepass.IdentityPool('us-east-1:0'); print({module!r} in sys.modules)") == "False\n"


def test_every_public_name_is_there() -> None:
    """`dir`, `import *` and attribute access agree."""
    assert all(getattr(gatepass, name) is not None for name in gatepass.__all__)
    assert set(gatepass.__all__) <= set(dir(gatepass))
    with pytest.raises(AttributeError, match="no attribute `IdentityPoole`"):
        gatepass.IdentityPoole  # type: ignore[attr-defined]  # noqa: B018  (the name is the test)


def test_without_click_the_script_says_what_to_install() -> None:
    """`pip install gatepass` brings the script along."""
    code = "from gatepass.cli import main; sys.stderr = sys.stdout; print(main())"
    assert bare(code).splitlines() == [
        "gatepass: error: the command line needs `click`",
        "gatepass: hint: pip install 'gatepass[cli]'",
        "1",
    ]
