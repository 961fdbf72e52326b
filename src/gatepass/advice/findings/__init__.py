"""What is wrong with policies: what AWS refuses, what does not do what it says, what goes wrong with identity pools.

`rules` is the table of all that can be found; each other file finds what is about its subject.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from gatepass.advice.effort import Effort
from gatepass.advice.findings.arns import about_arns
from gatepass.advice.findings.conditions import about_conditions
from gatepass.advice.findings.elements import about_elements
from gatepass.advice.findings.identity_pools import about_attachments, about_rights, about_trust
from gatepass.advice.findings.reach import about_reach
from gatepass.advice.findings.refused import about_saving
from gatepass.advice.findings.routes import about_callers, about_routes
from gatepass.advice.findings.rules import RULES, Level, Rule
from gatepass.advice.findings.satisfiable import about_satisfiability
from gatepass.advice.findings.subject import Api, Finding, Subject
from gatepass.advice.findings.variables import about_variables
from gatepass.advice.stack import Found, Stack
from gatepass.policy import load

__all__ = ["RULES", "Api", "Finding", "Level", "Rule", "findings_about", "findings_in"]

_CHECKS = (
    about_trust,
    about_rights,
    about_arns,
    about_reach,
    about_conditions,
    about_satisfiability,
    about_variables,
    about_elements,
    about_routes,
)


def findings_about(
    found: Found, *, for_guests: bool = False, api: Api | None = None, effort: Effort | None = None
) -> list[Finding]:
    """`for_guests`: the policy is a guest role's, though the file does not say so. `api`: the app it is about."""
    refused = list(about_saving(found))
    subject = _subject(found, refused, for_guests, api, effort or Effort())
    if subject is None:
        return refused
    if found.borrowed:
        return list(about_rights(subject))
    # Whom a trust policy lets in is said once, and of a list that holds `*`, that it does.
    checks = _CHECKS if not refused else [check for check in _CHECKS if check is not about_trust]
    checked = [finding for check in checks for finding in check(subject)]
    all_ = {finding.statement for finding in checked if finding.rule == "every-resource"}
    checked = [each for each in checked if each.rule != "redundant-value" or each.statement not in all_]
    return [*refused, *checked]


def findings_in(stack: Stack, *, for_guests: bool = False, api: Api | None = None) -> list[Finding]:
    """About every policy of a file, and about what is between them; in the order of lines."""
    effort = Effort()
    about = [
        finding
        for each in stack.found
        for finding in findings_about(each, for_guests=for_guests, api=api, effort=effort)
    ]
    about += about_attachments(stack)
    if api is not None:
        about += about_callers(_of_callers(stack, for_guests, effort), api)
    if effort.is_over:
        rule = RULES["not-compared"]
        about.append(Finding("not-compared", rule.level, 1, "", None, rule.what, rule.fix))
    return sorted(about, key=lambda finding: finding.line)


def _subject(
    found: Found, refused: Sequence[Finding], for_guests: bool, api: Api | None, effort: Effort
) -> Subject | None:
    """None if AWS would refuse it: then nothing else can be said."""
    if any(each.rule == "syntax" for each in refused):
        return None
    return Subject(found, load(json.dumps(found.document)), for_guests or found.for_guests, api, effort)


def _of_callers(stack: Stack, for_guests: bool, effort: Effort) -> list[Subject]:
    """The policies of the roles that identity pools give away."""
    given = {each.role for attachment in stack.attachments for each in attachment.roles.values()}
    roles = {role.id for role in map(stack.role, given) if role is not None}
    of = [
        each
        for each in stack.found
        if each.kind in ("identity", "managed") and (for_guests or each.for_guests or not roles.isdisjoint(each.roles))
    ]
    subjects = (_subject(each, list(about_saving(each)), for_guests, None, effort) for each in of)
    return [subject for subject in subjects if subject is not None]
