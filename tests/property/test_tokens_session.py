"""Whatever a session holds comes back out of its token; whatever is no token of ours does not open."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gatepass.errors import PackedPolicyTooLarge, UnrecognizedClient
from gatepass.principal import Principal
from gatepass.tokens import KeyRing, Session, mint, open_session, principal_of

RING = KeyRing.of("deployment", hashlib.sha256(b"property").digest())

text = st.text(st.characters(codec="utf-8"), max_size=40)
texts = st.lists(text, max_size=4).map(tuple)
perhaps = st.none() | text
seconds = st.integers(0, 1 << 40)
FIELDS: Mapping[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(["root", "user", "role-session"]),
    "account": st.integers(0, 10**12 - 1).map("{:012}".format),
    "issued_at": seconds,
    "expiration": seconds,
    "role_arn": perhaps,
    "role_id": perhaps,
    "session_name": perhaps,
    "identity_id": perhaps,
    "identity_pool_id": perhaps,
    "amr": texts,
    "scoped_down": st.booleans(),
    "session_policies": st.lists(st.text(st.characters(codec="utf-8"), max_size=600), max_size=3).map(tuple),
    "session_policy_arns": texts,
    "tags": st.dictionaries(text, text, max_size=5),
    "transitive_tag_keys": texts,
    "source_identity": perhaps,
    "federated_provider": perhaps,
    "user_arn": perhaps,
    "user_id": perhaps,
    "federation_keys": st.dictionaries(text, text, max_size=5),
}
sessions = st.builds(Session, **FIELDS)


def test_every_field_is_tried() -> None:
    assert (*FIELDS, "access_key_id") == Session.__struct_fields__


@given(session=sessions, salt=st.binary(min_size=16, max_size=16), entropy=st.binary(min_size=6, max_size=6))
def test_every_session_comes_back(session: Session, salt: bytes, entropy: bytes) -> None:
    try:
        minted = mint(RING, session, salt=salt, access_key_entropy=entropy)
    except PackedPolicyTooLarge:
        return  # chance does not deflate
    opened, secret_access_key = open_session(RING, minted.session_token, minted.access_key_id)
    assert opened == minted.session == msgspec.structs.replace(session, access_key_id=minted.access_key_id)
    assert secret_access_key == minted.secret_access_key


@given(session=sessions)
def test_what_a_principal_has_in_common_with_its_session_is_the_same(session: Session) -> None:
    principal = principal_of(session)
    derived = {"arn", "user_id", "role_name", "user_name"}
    for field in fields(Principal):
        if field.name not in derived:
            assert getattr(principal, field.name) == getattr(session, field.name)


@given(token=st.text(), access_key_id=st.text())
def test_no_text_is_a_token(token: str, access_key_id: str) -> None:
    for candidate in (token, "IQoJb3JpZ2luX2Vj" + token):
        try:
            open_session(RING, candidate, access_key_id)
        except UnrecognizedClient:
            continue
        raise AssertionError("it opened")


@given(
    session=sessions.filter(lambda session: not session.session_policies),
    place=st.integers(0),
    other=st.integers(1, 255),
)
def test_no_altered_byte_is_overlooked(session: Session, place: int, other: int) -> None:
    minted = mint(RING, session, salt=bytes(16), access_key_entropy=bytes(6))
    token = bytearray(minted.session_token.encode())
    token[place % len(token)] ^= other
    try:
        open_session(RING, token.decode("latin-1"), minted.access_key_id)
    except UnrecognizedClient:
        return
    raise AssertionError("it opened")
