"""The rules: what each says, how grave it is, and what to do about it. One table, for findings, SARIF and the docs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Level = Literal["error", "warning", "note"]
"""SARIF's words. An error does not do what it says, or lets in whom nobody meant; a note may stay as it is."""


class Rule(NamedTuple):
    """What a finding means.

    Attributes:
        level: mostly; where guests are concerned, some warnings are errors.
        what: is wrong, for whoever has never seen it.
        fix: the next step, where a finding has none of its own.
    """

    level: Level
    what: str
    fix: str


def _rules(level: Level, **rules: tuple[str, str]) -> dict[str, Rule]:
    return {name.replace("_", "-"): Rule(level, *texts) for name, texts in rules.items()}


_REFUSED = _rules(
    "error",
    syntax=("AWS refuses to save the policy", "write it as AWS's grammar of policies has it"),
    doubled_member=("a member name stands twice in one object", "merge the two"),
    too_long=("the policy is longer than AWS takes", "merge statements, or split it up"),
)
_POOLS = {
    **_rules(
        "error",
        guests_beyond_the_api=(
            "guests may do more than call the API",
            "allow execute-api:Invoke only, and let the app do the rest",
        ),
        trust_without_pool=(
            "any identity pool may use the role",
            'add the condition "StringEquals": {"cognito-identity.amazonaws.com:aud": "REGION:POOL_ID"}',
        ),
        trust_of_another_pool=(
            "the role trusts another identity pool than the one that gives it away",
            "name the pool of the role attachment in the condition on `aud`",
        ),
        trust_of_another_kind=(
            "the role is given to guests, or to users, and its trust policy does not let them in",
            'make the condition on `amr` "authenticated" or "unauthenticated", as the pool gives the role away',
        ),
    ),
    **_rules(
        "warning",
        every_resource=(
            "the role may call every API of the account",
            "name the routes: arn:aws:execute-api:REGION:ACCOUNT:API_ID/STAGE/VERB/path",
        ),
        trust_without_kind=(
            "guests and users who logged in may use the role",
            (
                'add "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}, or'
                ' "unauthenticated"'
            ),
        ),
        trust_lets_nobody_in=(
            "no identity of any pool meets the trust policy's conditions",
            'compare `amr` by "ForAnyValue:StringLike", and `aud` by "StringEquals" with the pool\'s id',
        ),
        one_role_for_both=(
            "guests get the role of users who logged in",
            "give the pool two roles, and allow guests only what anybody may do",
        ),
    ),
    **_rules(
        "note",
        trust_several_pools=(
            "identities of several pools may use the role",
            "make a role for each pool, unless the pools are one to you",
        ),
    ),
}
_ROUTES = {
    **_rules(
        "error",
        template_path=(
            "a route's template stands where the request's path is compared",
            "write * for the parameter",
        ),
        verb_any=("no request has the verb ANY", "write * for the verb"),
        slash_before_path=("a path begins with two slashes", "take one slash out"),
        root_without_slash=(
            "the ARN of the root path lacks the slash at its end",
            "end it with a slash for the root path",
        ),
        stage_without_verb=("the ARN ends before the verb", "end it with /VERB/path, or with /*"),
        no_such_route=(
            "no IAM route of the app meets the ARN, whatever its parameters are",
            "write the ARN of a route, as `gatepass policy generate` does",
        ),
    ),
    **_rules(
        "note",
        no_trailing_slash=(
            "the route answers with a slash at the end too, and that is another ARN",
            "name both, with and without the slash",
        ),
        route_not_allowed=(
            "an IAM route of the app that no role of the identity pool may call",
            "allow it, unless others than the pool's guests and users are meant to call it",
        ),
    ),
}
_ARNS = {
    **_rules(
        "error",
        arn_service_case=("services are written in lower case in an ARN", "write the service in lower case"),
        arn_region=("the ARN has no region, or one that cannot be", "name the region, or write *"),
        arn_account=("the ARN has no account, or one that cannot be", "name the account's 12 digits, or write *"),
    ),
    **_rules(
        "warning",
        resource_of_another_service=(
            "the statement's actions are of another service than the resource",
            "name resources of the action's own service",
        ),
    ),
}
_REACH = {
    **_rules(
        "warning",
        never_needed=("another statement says as much", "take it out"),
        never_takes_effect=("a statement denies all that this one allows", "take out one of the two"),
        never_applies=("no request can meet its conditions all at once", "mend the conditions, or take it out"),
    ),
    **_rules(
        "note",
        redundant_value=("another entry of the list says as much", "take it out"),
        not_compared=(
            "the file is so large that not all of it was compared: statements and routes with each other",
            "check its policies in files of their own",
        ),
    ),
}
_CONDITIONS = {
    **_rules(
        "error",
        set_operator_missing=(
            "the key has a set of values, and a plain operator matches none of them",
            'put "ForAnyValue:" before the operator',
        ),
        null_in_set=(
            "Null with ForAllValues or ForAnyValue does not depend on the request",
            'write "Null" without the prefix',
        ),
        several_booleans=("a Bool condition with several values", "leave one value, or take the condition out"),
        value_of_another_type=("the operator cannot read the value", "write the value as the operator reads it"),
    ),
    **_rules(
        "warning",
        for_all_values_without_key=(
            "ForAllValues holds where the request has no such key, and the statement then allows",
            'add "Null": {"KEY": "false"} to the condition',
        ),
        set_operator_on_one_value=(
            "the key has one value: a set operator changes only what happens without it",
            "write the operator without ForAnyValue or ForAllValues",
        ),
        unknown_key=("AWS has no such condition key", "mend the name: an unknown key is in no request"),
        operator_of_another_type=(
            "the operator compares something else than the key holds",
            "use an operator for the key's type",
        ),
        wildcard_in_equals=(
            "StringEquals takes * and ? as they stand",
            "use StringLike, or ${*} and ${?} if they are meant",
        ),
        private_address=(
            "requests come from public addresses; private ones are seen through a VPC endpoint only",
            "name the public address, or use aws:VpcSourceIp",
        ),
        condition_does_nothing=("the condition always holds", "take it out, or say what it should keep away"),
    ),
    **_rules(
        "note",
        empty_list=("an empty list or object, which says nothing", "take it out, or say what was meant"),
    ),
}
_VARIABLES = _rules(
    "error",
    variable_syntax=(
        "a policy variable that AWS cannot read",
        "write ${key}, or ${key, 'default'} with a comma, a blank and single quotes",
    ),
    variable_out_of_place=(
        "variables stand in a resource after its fifth colon, and in values of conditions",
        "write out what is meant",
    ),
    variable_of_several_values=(
        "a key with a set of values cannot be a variable",
        "use a key with one value",
    ),
    variable_in_old_version=(
        "without Version 2012-10-17 a variable is plain text",
        'begin the policy with "Version": "2012-10-17"',
    ),
)
_ELEMENTS = {
    **_rules(
        "error",
        unknown_action=("the service has no such action", "mend the name"),
        unknown_service=("no service has this prefix", "mend the prefix"),
        wildcard_in_service=("a wildcard in the service's prefix matches nothing", "name the service"),
        sid_characters=("a Sid has letters and digits only", "take the other characters out"),
    ),
    **_rules(
        "warning",
        old_version=("without Version 2012-10-17 variables are plain text", 'add "Version": "2012-10-17"'),
        allow_all_but=(
            "an Allow of everything but a list, of which there is more every year",
            "name what is allowed",
        ),
        pass_any_role=("whoever has it may give any role to a service", "name the roles, by their ARNs"),
    ),
}

#: By id. The ids are a contract: `--ignore`, SARIF's rule ids.
RULES: Mapping[str, Rule] = MappingProxyType(
    {**_REFUSED, **_POOLS, **_ROUTES, **_ARNS, **_REACH, **_CONDITIONS, **_VARIABLES, **_ELEMENTS}
)
