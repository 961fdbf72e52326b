"""An API's own policy may leave out the ARN up to the stage."""

import json

import pytest

from gatepass.errors import MalformedPolicyDocument
from gatepass.policy import expand_resources
from gatepass.policy.shorthand import api_arn_of

API = "arn:aws:execute-api:us-east-1:111122223333:api1"


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("execute-api:/prod/GET/pets", f"{API}/prod/GET/pets"),
        ("execute-api:/*", f"{API}/*"),
        (["execute-api:/a", f"{API}/b", "*"], [f"{API}/a", f"{API}/b", "*"]),
        ("arn:aws:execute-api:/x", "arn:aws:execute-api:/x"),
    ],
)
@pytest.mark.parametrize("element", ["Resource", "NotResource"])
def test_short_resources_become_full_arns(short: object, full: object, element: str) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke"}
    for form in ([{**statement, element: short}], {**statement, element: short}):
        expanded = json.loads(expand_resources(json.dumps({"Statement": form}), API))["Statement"]
        (only,) = expanded if isinstance(expanded, list) else [expanded]
        assert only == {**statement, element: full}


def test_a_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(MalformedPolicyDocument):
        expand_resources("{", API)


@pytest.mark.parametrize(
    ("method_arn", "api_arn"),
    [
        (f"{API}/prod/GET/a/b", API),
        (f"{API}/prod/GET/a:b", API),
        (API, API),
        ("arn:aws:s3:::bucket/x", None),
        ("*", None),
        ("", None),
    ],
)
def test_the_api_of_a_method(method_arn: str, api_arn: str | None) -> None:
    assert api_arn_of(method_arn) == api_arn


def test_what_is_no_policy_is_left_for_others_to_refuse() -> None:
    for text in ('{"Statement":["x"]}', '{"Statement":"x"}', "{}"):
        assert expand_resources(text, API) == text
