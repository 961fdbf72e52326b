"""A key ring and a guest's session."""

import hashlib

import pytest

from gatepass.tokens import KeyRing, Session


def key(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.of("deployment-a", key("first"))


@pytest.fixture
def guest() -> Session:
    return Session(
        kind="role-session",
        account="123456789012",
        issued_at=1_767_225_600,
        expiration=1_767_229_200,
        role_arn="arn:aws:iam::123456789012:role/service/hello-world-guests",
        role_id="AROARZPUZDIKJENRY3CRA",
        session_name="CognitoIdentityCredentials",
        identity_id="us-east-1:157d6171-ee37-c0dd-c6c5-ce7afc0154ab",
        identity_pool_id="us-east-1:8d8f7658-1c6c-4f0b-9d5c-0123456789ab",
        amr=("unauthenticated",),
        scoped_down=True,
    )
