"""The Principal and NotPrincipal elements: whom a resource or trust policy names, and how strongly.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from gatepass.policy.globs import compiled
from gatepass.policy.query import Caller


class Grant(IntEnum):
    """What an Allow in a resource policy is worth to the caller, by how it names the caller."""

    NONE = 0
    DELEGATED = 1  # the account: the caller's identity policies must allow too
    LIMITED = 2  # the role, or everyone: boundary and session policies still limit
    DIRECT = 3  # the session, the user, the provider or service itself: nothing else is asked

    __hash__ = int.__hash__  # Enum's own is written in Python and hashes the name


class Principals:
    """One statement's Principal or NotPrincipal, compiled.

    `generous` is for a Deny: partial wildcards, which AWS has none of, and wildcards for callers outside any account
    then count.
    """

    __slots__ = ("_accounts", "_everyone", "_federated", "_generous", "_names", "_services", "_wild", "negated")

    def __init__(self, given: Mapping[str, tuple[str, ...]], *, negated: bool, generous: bool) -> None:
        self.negated, self._generous = negated, generous
        aws = given.get("AWS", ())
        self._everyone = "*" in given.get("*", ())
        self._wild = "*" in aws
        self._accounts = frozenset(account for name in aws if (account := account_of(name)))
        self._names = frozenset(aws)
        self._federated = given.get("Federated", ())
        self._services = given.get("Service", ())

    def grant(self, caller: Caller) -> Grant:
        """How strongly the caller is named; the element's negation is not looked at."""
        if caller.kind == "federated":
            named = self._names_other(self._federated, caller.arn)
        elif caller.kind == "service":
            named = self._names_other(self._services, caller.arn)
        else:
            named = self._grant_aws(caller)
        if named is not Grant.NONE:
            return named
        if self._everyone or (self._wild and (self._generous or caller.kind not in ("federated", "service"))):
            return Grant.LIMITED
        return Grant.NONE

    def names_fully(self, caller: Caller) -> bool:
        """Whether a NotPrincipal lets the caller off: session, role and account must all stand in it."""
        if self._everyone or self._wild:
            return True
        if caller.kind == "federated":
            return caller.arn in self._federated
        if caller.kind == "service":
            return caller.arn in self._services
        if caller.kind == "anonymous" or caller.account not in self._accounts:
            return False
        wanted = {caller.arn, caller.role_arn or caller.arn}
        return caller.kind == "root" or wanted <= self._names

    def _names_other(self, names: tuple[str, ...], name: str) -> Grant:
        if name in names or ("*" in names and self._generous):
            return Grant.DIRECT
        return Grant.NONE

    def _grant_aws(self, caller: Caller) -> Grant:
        if caller.kind == "anonymous":
            return Grant.NONE
        if caller.kind != "root" and caller.arn in self._names:
            return Grant.LIMITED if caller.arn == caller.role_arn else Grant.DIRECT
        if caller.role_arn in self._names:
            return Grant.LIMITED
        if caller.account in self._accounts:
            return Grant.DELEGATED
        if self._generous:
            own = [arn for arn in (caller.arn, caller.role_arn) if arn]
            if any("*" in name and compiled(name).matches(arn) for name in self._names for arn in own):
                return Grant.LIMITED
        return Grant.NONE


def account_of(name: str) -> str | None:
    """The account that `123456789012` or `arn:aws:iam::123456789012:root` stands for."""
    if len(name) == 12 and name.isascii() and name.isdigit():
        return name
    parts = name.split(":")
    if len(parts) == 6 and parts[0] == "arn" and parts[2:4] == ["iam", ""] and parts[5] == "root":
        return parts[4]
    return None
