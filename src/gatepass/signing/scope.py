"""Which region and service a request is signed for, read from the host name it is sent to."""

from __future__ import annotations

import re
from typing import NamedTuple

from gatepass.errors import ConfigurationError

_REGION = r"(?P<region>[a-z]{2,}(?:-[a-z]+)+-\d+)"
# Host name -> service, for names whose service signs under another name, or that hold more than the two.
_HOSTS = (
    (re.compile(rf"[^.]+\.execute-api\.{_REGION}\..+"), "execute-api"),
    (re.compile(r"[^.]+\.execute-api\..+"), "execute-api"),
    (re.compile(rf"[^.]+\.lambda-url\.{_REGION}\.on\.aws"), "lambda"),
    (re.compile(rf"[^.]+\.appsync-(?:realtime-)?api\.{_REGION}\.amazonaws\.com(?:\.cn)?"), "appsync"),
    (re.compile(rf"[^.]+\.{_REGION}\.es\.amazonaws\.com"), "es"),
    (re.compile(rf"[^.]+\.{_REGION}\.aoss\.amazonaws\.com"), "aoss"),
    (re.compile(rf"cognito-identity\.{_REGION}\.amazonaws\.com(?:\.cn)?"), "cognito-identity"),
    (re.compile(rf"sts\.{_REGION}\.amazonaws\.com(?:\.cn)?"), "sts"),
)
# One endpoint for the whole partition; its requests are signed for this region.
_GLOBAL = {"sts.amazonaws.com": ("us-east-1", "sts"), "iam.amazonaws.com": ("us-east-1", "iam")}
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".on.aws", ".api.aws")


class Scope(NamedTuple):
    """What a signature is good for."""

    region: str
    service: str


def infer_scope(host: str) -> tuple[str | None, str | None]:
    """Region and service as far as the host name tells them.

    Args:
        host: lower case, without a port.
    """
    if host in _GLOBAL:
        return _GLOBAL[host]
    for pattern, service in _HOSTS:
        if match := pattern.fullmatch(host):
            return match.groupdict().get("region"), service
    return None, None


def signing_scope(host: str, *, region: str | None, service: str | None, default_region: str | None) -> Scope:
    """What was given, else what the host name says; a host that is not AWS's is taken for an API behind a gate.

    Raises: ConfigurationError, if one of the two stays unknown.
    """
    found_region, found_service = infer_scope(host)
    service = service or found_service
    if service is None:
        if host.endswith(_AWS):
            raise ConfigurationError(f"the host name `{host}` does not tell its service", hint="give service=…")
        service = "execute-api"
    if service == "s3":
        raise ConfigurationError("requests to `s3` are signed by other rules than these", hint="use boto3 for S3")
    region = region or found_region or default_region
    if region is None:
        raise ConfigurationError(
            f"the host name `{host}` does not tell its region", hint="give region=…, or set AWS_REGION"
        )
    return Scope(region, service)
