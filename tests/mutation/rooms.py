"""The rooms whose tests must be sharp: the mistakes planted in each, and the tests that must notice."""

from __future__ import annotations

from typing import NamedTuple

from tests.mutation.planting import Mutant, mutants


class Room(NamedTuple):
    """One package and its mistakes.

    Attributes:
        tables: the tests whose tables are run in this process, quickest first, as modules.
        asking: what else must be imported anew, because it asks the package.
        suite: the tests that pytest runs, quickest first.
    """

    name: str
    package: str
    mutants: tuple[Mutant, ...]
    tables: tuple[str, ...]
    asking: tuple[str, ...]
    suite: tuple[str, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """Where the tables are."""
        return tuple(f"{module.replace('.', '/')}.py" for module in self.tables)


_SIGV4 = ("tests/unit/sigv4", "tests/conformance/test_sigv4_suite.py", "tests/property/test_sigv4_properties.py")
_POLICY = (
    "tests/unit/policy",
    "tests/conformance/test_policy_doc_cases.py",
    "tests/conformance/test_policy_rules.py",
    "tests/property/test_policy_differential.py",
    "tests/property/test_policy_laws.py",
)
_DOC_CASES = "tests.conformance.test_policy_doc_cases"
_ASKING_POLICY = (
    "tests.unit.policy",
    _DOC_CASES,
    "tests.oracles.policy_cases",
    "tests.oracles.policy_case_files",
    "tests.oracles.policy_laws",
)


def _policy(name: str, *tables: str) -> Room:
    modules = tuple(f"tests.unit.policy.test_{table}" for table in tables)
    return Room(
        f"policy, {name}", "gatepass.policy", mutants(f"policy_{name}"), (*modules, _DOC_CASES), _ASKING_POLICY, _POLICY
    )


def _tokens(name: str, *tables: str) -> Room:
    modules = tuple(f"tests.unit.tokens.test_{table}" for table in tables)
    return Room(name, "gatepass.tokens", mutants(name), modules, ("tests.unit.tokens",), ("tests/unit/tokens",))


ROOMS = (
    Room(
        "sigv4",
        "gatepass.sigv4",
        mutants("sigv4"),
        ("tests.unit.sigv4.test_refusals",),
        ("tests.unit.sigv4",),
        _SIGV4,
    ),
    _policy("conditions", "variables", "values", "conditions", "document", "resources"),
    _policy("matching", "principals", "resources", "trust", "evaluate", "globs"),
    _policy("verdicts", "wording", "context", "managed", "change", "evaluate", "combine"),
    _policy("documents", "shorthand", "reader", "document", "validation"),
    _tokens("seal", "session", "page", "keys"),
    _tokens("oidc", "oidc_zoo", "oidc_keys", "oidc_claims"),
)
