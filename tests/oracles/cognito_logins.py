"""Logins of a pool that tests make: what a client passes as `Logins`."""

from __future__ import annotations

from typing import Any

from tests.oracles.login_tokens import token

GOOGLE, APPLE, DEVELOPER = "accounts.google.com", "appleid.apple.com", "login.example"
USER_POOL = "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1"


def google(subject: str = "alice", **claims: Any) -> dict[str, str]:
    return {GOOGLE: token(**{"iss": f"https://{GOOGLE}", "aud": "google-app", "sub": subject, **claims})}


def apple(subject: str = "alice", **claims: Any) -> dict[str, str]:
    return {APPLE: token(**{"iss": f"https://{APPLE}", "aud": "apple-app", "sub": subject, **claims})}


def user_pool(subject: str = "alice", **claims: Any) -> dict[str, str]:
    every = {"iss": f"https://{USER_POOL}", "aud": "web", "token_use": "id", "sub": subject, **claims}
    return {USER_POOL: token(**every)}
