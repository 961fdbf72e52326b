"""`gatepass token`: login tokens of an identity provider that is only this command."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from gatepass.cli.login_key import open_login_key, usual_place
from gatepass.cli.main import advise

LIFETIME = 3600


@click.command(
    epilog="Example: gatepass token --issuer https://login.example.com --sub alice --aud my-app --claim name=Alice"
)
@click.option("--issuer", metavar="ISSUER", help="Who issues the token: an https URL, or a user pool's provider name.")
@click.option("--sub", metavar="TEXT", help="Who logged in.")
@click.option(
    "--aud",
    "audiences",
    multiple=True,
    metavar="CLIENT_ID",
    help="The app it is for. Repeatable; then add --claim azp=…",
)
@click.option(
    "--claim",
    "given",
    multiple=True,
    metavar="NAME=TEXT",
    help="Another claim, or NAME:=JSON for one that is no text, such as cognito:groups:='[\"a\"]'. Repeatable.",
)
@click.option(
    "--expires-in",
    type=int,
    default=LIFETIME,
    show_default=True,
    metavar="SECONDS",
    help="For how long it is good; below 0 for one that has expired.",
)
@click.option("--jwks", is_flag=True, help="Print the public key instead, as a JSON Web Key Set.")
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Signing key, made if it is not there. Default: gatepass/login-key.pem in XDG_DATA_HOME or ~/.local/share.",
)
def token(
    issuer: str | None,
    sub: str | None,
    audiences: tuple[str, ...],
    given: tuple[str, ...],
    expires_in: int,
    jwks: bool,
    key: Path | None,
) -> None:
    """Print a login token, signed with a key of this machine, to try out what users who log in can do.

    A gate takes such tokens only if it was told that the issuer's keys are this key, and a pool lists the issuer:

    \b
        gatepass token --jwks > keys.json
        gatepass serve --login-keys https://login.example.com=keys.json
    """
    from gatepass.tokens import jwt_writing

    if jwks and (issuer is not None or sub is not None):
        raise click.UsageError("--jwks prints the key, not a token: leave --issuer and --sub out")
    if not jwks and (issuer is None or sub is None):
        raise click.UsageError("a token needs --issuer and --sub")
    private = open_login_key(key or usual_place())
    public = private.public_key()
    key_id = jwt_writing.thumbprint(public)
    if issuer is None or sub is None:
        click.echo(json.dumps({"keys": [jwt_writing.as_jwk(public, key_id=key_id)]}, indent=2))
        return
    claims = _claims(issuer, sub, audiences, int(time.time()), expires_in) | _parsed(given)
    if "aud" not in claims:
        advise("no identity pool takes a token without an audience; name the app's client id with --aud")
    try:
        click.echo(jwt_writing.write(private, claims, key_id=key_id))
    except UnicodeEncodeError:
        raise click.UsageError("a claim has bytes that are not UTF-8") from None


def _claims(issuer: str, subject: str, audiences: tuple[str, ...], now: int, expires_in: int) -> dict[str, Any]:
    """Those of an identity token, with what user pools add."""
    from gatepass.issuers.login_keys import issuer_of

    claims: dict[str, Any] = {"iss": issuer_of(issuer), "sub": subject}
    if audiences:
        claims["aud"] = audiences[0] if len(audiences) == 1 else list(audiences)
    claims |= {"exp": now + expires_in, "iat": min(now, now + expires_in)}
    if claims["iss"].startswith("https://cognito-idp."):
        claims["token_use"] = "id"
    return claims


def _parsed(given: Iterable[str]) -> dict[str, Any]:
    """Claims from `NAME=TEXT` and `NAME:=JSON`; the name itself may hold colons, as `custom:tenant` does."""
    claims: dict[str, Any] = {}
    for text in given:
        name, found, value = text.partition("=")
        is_json = name.endswith(":")
        name = name.removesuffix(":")
        if not found or not name:
            raise click.BadParameter(f"`{text}` is not NAME=TEXT", param_hint="--claim")
        try:
            claims[name] = json.loads(value) if is_json else value
        except ValueError:
            raise click.BadParameter(f"`{value}` is not JSON", param_hint="--claim") from None
    return claims
