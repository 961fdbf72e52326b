"""Region and service come from the host name, or are asked for: a guess would be a wrong signature."""

import pytest

from gatepass.errors import ConfigurationError
from gatepass.signing import Scope, infer_scope, signing_scope


@pytest.mark.parametrize(
    ("host", "region", "service"),
    [
        ("abc123.execute-api.eu-west-3.amazonaws.com", "eu-west-3", "execute-api"),
        ("abc123.execute-api.cn-north-1.amazonaws.com.cn", "cn-north-1", "execute-api"),
        ("abc123.execute-api.us-gov-west-1.amazonaws.com", "us-gov-west-1", "execute-api"),
        ("abc123-vpce-0ff.execute-api.us-east-2.amazonaws.com", "us-east-2", "execute-api"),
        ("abc123.execute-api.localhost", None, "execute-api"),
        ("xyz.lambda-url.ap-northeast-1.on.aws", "ap-northeast-1", "lambda"),
        ("xyz.appsync-api.us-west-2.amazonaws.com", "us-west-2", "appsync"),
        ("xyz.appsync-realtime-api.us-west-2.amazonaws.com", "us-west-2", "appsync"),
        ("search-d-1.us-west-2.es.amazonaws.com", "us-west-2", "es"),
        ("d1.us-west-2.aoss.amazonaws.com", "us-west-2", "aoss"),
        ("cognito-identity.us-east-1.amazonaws.com", "us-east-1", "cognito-identity"),
        ("sts.us-west-1.amazonaws.com", "us-west-1", "sts"),
        ("sts.amazonaws.com", "us-east-1", "sts"),
        ("iam.amazonaws.com", "us-east-1", "iam"),
        ("localhost", None, None),
        ("evil.example.com", None, None),
        ("x.execute-api.eu-west-3.amazonaws.com.evil.example", "eu-west-3", "execute-api"),
        ("sts.us-west-1.amazonaws.com.evil.example", None, None),
    ],
)
def test_what_a_host_name_tells(host: str, region: str | None, service: str | None) -> None:
    assert infer_scope(host) == (region, service)


def test_what_is_given_wins_and_the_default_comes_last() -> None:
    host = "abc.execute-api.eu-west-3.amazonaws.com"
    assert signing_scope(host, region=None, service=None, default_region="us-east-1") == Scope(
        "eu-west-3", "execute-api"
    )
    assert signing_scope(host, region="x-y-1", service="z", default_region=None) == Scope("x-y-1", "z")
    assert signing_scope("127.0.0.1", region=None, service=None, default_region="us-east-1") == Scope(
        "us-east-1", "execute-api"
    )


@pytest.mark.parametrize(
    ("host", "service", "message"),
    [
        ("127.0.0.1", None, "does not tell its region"),
        ("api.example.com", "execute-api", "does not tell its region"),
        ("dynamodb.eu-west-3.amazonaws.com", None, "does not tell its service"),
        ("bucket.s3.amazonaws.com", "s3", "signed by other rules"),
    ],
)
def test_what_stays_unknown_is_an_error(host: str, service: str | None, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        signing_scope(host, region=None, service=service, default_region=None)
    assert caught.value.hint
