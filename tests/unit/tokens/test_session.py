"""A session token opens for the deployment and the access key it was minted for, and for nothing else."""

import base64
import hashlib
import hmac
import json
import os
import random
import re
import string
import zlib
from collections.abc import Callable, Iterator

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gatepass.errors import PackedPolicyTooLarge, UnrecognizedClient
from gatepass.principal import Principal
from gatepass.tokens import KeyRing, Minted, Session, mint, open_page, open_session, principal_of, seal_page
from gatepass.tokens import seal as sealing
from gatepass.tokens.seal import Purpose, seal
from gatepass.tokens.session import ARRIVING_LIMIT

PREFIX = base64.b64decode("IQoJb3JpZ2luX2Vj")


def minted(ring: KeyRing, session: Session) -> Minted:
    return mint(ring, session, salt=os.urandom(16), access_key_entropy=os.urandom(6))


def refused(ring: KeyRing, session_token: str, access_key_id: str) -> bool:
    """The one answer to everything that is not right; any other exception is an error of the test."""
    try:
        open_session(ring, session_token, access_key_id)
    except UnrecognizedClient as error:
        return error.message == "The security token included in the request is invalid."
    return False


def encoded(token: bytes) -> str:
    return base64.b64encode(token).decode()


# --- what is minted


def test_what_is_minted_opens(ring: KeyRing, guest: Session) -> None:
    new = minted(ring, guest)
    session, secret_access_key = open_session(ring, new.session_token, new.access_key_id)
    assert session == new.session == msgspec.structs.replace(guest, access_key_id=new.access_key_id)
    assert secret_access_key == new.secret_access_key


def test_credentials_look_like_those_of_aws(ring: KeyRing, guest: Session) -> None:
    new = minted(ring, guest)
    assert re.fullmatch("ASIA[A-Z2-7]{16}", new.access_key_id)
    assert re.fullmatch("[A-Za-z0-9+/]{40}", new.secret_access_key)
    assert new.session_token.startswith("IQoJb3JpZ2luX2Vj")
    assert base64.b64encode(base64.b64decode(new.session_token, validate=True)).decode() == new.session_token
    assert len(new.session_token) < 500


def test_known_answer(ring: KeyRing, guest: Session) -> None:
    """Sessions outlive the program that minted them: what is sealed today must open tomorrow, byte for byte."""
    new = mint(ring, guest, salt=bytes(range(16)), access_key_entropy=bytes(range(6)))
    assert new.access_key_id == "ASIARZPUZDIKAAAQEAYE"
    digest = hashlib.sha256(f"{new.secret_access_key} {new.session_token}".encode()).hexdigest()
    assert digest == "0aa366aba406f59534c5416e514943603f0edd55f6997d6dfae944001583c372"


def test_the_format_written_out(ring: KeyRing, guest: Session) -> None:
    """An independent sealer, from the description alone, makes the same token."""
    new = mint(ring, guest, salt=b"saltsaltsaltsalt", access_key_entropy=b"chance")
    assert sealed_by_hand(ring, guest, new.access_key_id, b"saltsaltsaltsalt") == new.session_token


def sealed_by_hand(
    ring: KeyRing,
    session: Session,
    access_key_id: str,
    salt: bytes,
    *,
    version: int = 1,
    key_id: str = "",
    purpose: str = "session",
    deployment_id: str = "",
    payload: bytes | None = None,
) -> str:
    key = bytes.fromhex(key_id or ring.active)
    derived = hmac.digest(ring.keys[ring.active], b"gatepass seal\0session\0" + salt, "sha512")
    parts = (
        bytes([version]),
        key,
        purpose.encode(),
        (deployment_id or ring.deployment_id).encode(),
        access_key_id.encode(),
    )
    associated = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    if payload is None:
        fields = list(msgspec.structs.astuple(session)[:-1])
        defaults = msgspec.structs.astuple(Session("root", "", 0, 0))
        while fields[-1] == defaults[len(fields) - 1]:
            fields.pop()
        payload = b"\0" + msgspec.msgpack.encode(fields)
    ciphertext = AESGCM(derived[:32]).encrypt(derived[32:44], payload, associated)
    return encoded(PREFIX + bytes([1]) + bytes.fromhex(ring.active) + salt + ciphertext)


@pytest.mark.parametrize(
    "altered",
    [
        {"version": 2},
        {"key_id": "00000000"},
        {"purpose": "openid"},
        {"deployment_id": "deployment-b"},
        {"access_key_id": "ASIARZPUZDIKAAAAAAAA"},
    ],
    ids=lambda altered: next(iter(altered)),
)
def test_each_part_of_the_associated_data_is_authenticated(
    ring: KeyRing, guest: Session, altered: dict[str, str | int]
) -> None:
    """The head in clear is the right one, the key is the right one: only what was authenticated differs."""
    right: dict[str, str | int] = {"access_key_id": "ASIARZPUZDIKAAAAAAAB"}
    token = sealed_by_hand(ring, guest, salt=os.urandom(16), **(right | altered))  # type: ignore[arg-type]
    assert refused(ring, token, "ASIARZPUZDIKAAAAAAAB")


def test_two_tokens_of_one_session_share_nothing(ring: KeyRing, guest: Session) -> None:
    """A key, a nonce and a secret of its own for each: even their first 16 bytes of ciphertext differ."""
    tokens = [minted(ring, guest) for _ in range(1000)]
    raw = [base64.b64decode(token.session_token) for token in tokens]
    head = len(PREFIX) + 5
    assert len({token[:head] for token in raw}) == 1
    assert len({token[head : head + 16] for token in raw}) == 1000
    assert len({token[head + 16 : head + 32] for token in raw}) == 1000
    assert len({token.secret_access_key for token in tokens}) == 1000


def test_a_salt_of_another_length_is_refused(ring: KeyRing, guest: Session) -> None:
    for salt in (b"", bytes(15), bytes(17)):
        with pytest.raises(ValueError, match="16 bytes"):
            mint(ring, guest, salt=salt, access_key_entropy=bytes(6))


def test_the_secret_is_not_in_the_token(ring: KeyRing, guest: Session) -> None:
    new = minted(ring, guest)
    opened = sealing.open_sealed(
        ring, Purpose.SESSION, new.access_key_id, base64.b64decode(new.session_token)[len(PREFIX) :]
    )
    assert new.secret_access_key.encode() not in opened.value
    assert base64.b64decode(new.secret_access_key) not in opened.value


def test_one_access_key_id_with_another_salt_has_another_secret(ring: KeyRing, guest: Session) -> None:
    one, other = (mint(ring, guest, salt=salt * 16, access_key_entropy=bytes(6)) for salt in (b"a", b"b"))
    assert one.access_key_id == other.access_key_id
    assert one.secret_access_key != other.secret_access_key


def test_one_salt_with_another_access_key_id_has_another_secret(ring: KeyRing, guest: Session) -> None:
    one, other = (mint(ring, guest, salt=bytes(16), access_key_entropy=entropy * 6) for entropy in (b"a", b"b"))
    assert one.secret_access_key != other.secret_access_key


def test_whether_a_session_has_ended_is_not_looked_at(ring: KeyRing, guest: Session) -> None:
    new = minted(ring, msgspec.structs.replace(guest, expiration=0))
    assert open_session(ring, new.session_token, new.access_key_id)[0].expiration == 0


# --- what is altered


def bits_flipped(text: str) -> Iterator[str]:
    for place, character in enumerate(text):
        for bit in range(7):
            yield text[:place] + chr(ord(character) ^ 1 << bit) + text[place + 1 :]


def bytes_flipped(token: bytes) -> Iterator[str]:
    for place in range(len(token)):
        for bit in range(8):
            yield encoded(token[:place] + bytes([token[place] ^ 1 << bit]) + token[place + 1 :])


def test_a_token_with_one_bit_flipped_does_not_open(ring: KeyRing, guest: Session) -> None:
    opened = []
    for name in (None, "a", "ab", "abc"):  # tokens of every length modulo three
        new = minted(ring, msgspec.structs.replace(guest, source_identity=name))
        for flip in (bits_flipped(new.session_token), bytes_flipped(base64.b64decode(new.session_token))):
            opened += [token for token in flip if not refused(ring, token, new.access_key_id)]
        opened += [id_ for id_ in bits_flipped(new.access_key_id) if not refused(ring, new.session_token, id_)]
    assert opened == []


@pytest.mark.slow
def test_no_bit_of_many_tokens_can_be_flipped(ring: KeyRing, guest: Session) -> None:
    """Every bit that is sealed or authenticated, of 150 tokens: about 350,000 tokens, none of which opens."""
    chance = random.Random(20261123)
    for number in range(150):
        session = msgspec.structs.replace(
            guest,
            issued_at=chance.randrange(1 << 31),
            tags={str(key): chance.choice("abc") * chance.randrange(9) for key in range(number % 4)},
        )
        new = minted(ring, session)
        token = base64.b64decode(new.session_token)
        assert all(refused(ring, flipped, new.access_key_id) for flipped in bytes_flipped(token))


def test_a_token_cut_or_extended_does_not_open(ring: KeyRing, guest: Session) -> None:
    new = minted(ring, guest)
    token = base64.b64decode(new.session_token)
    for cut in range(len(token)):
        assert refused(ring, encoded(token[:cut]), new.access_key_id)
        assert refused(ring, encoded(token[cut + 1 :]), new.access_key_id)
    for more in (b"\0", b"=", token[-16:], token):
        assert refused(ring, encoded(token + more), new.access_key_id)


def test_only_one_spelling_of_a_token_opens(ring: KeyRing, guest: Session) -> None:
    """base64 could be written in other ways; a token that opens has one text only, so it can be a cache's key."""
    seen = set()
    for name in (None, "a", "ab", "abc"):
        new = minted(ring, msgspec.structs.replace(guest, source_identity=name))
        token = new.session_token
        padding = len(token) - len(token.rstrip("="))
        seen.add(padding)
        spellings = [" " + token, token + "\n", token + "=", token[:40] + "\r\n" + token[40:], token.replace("/", "_")]
        spellings += [token + "==", "\0" + token, token[:-1] + "*" + token[-1], token.swapcase()]
        if padding:
            body = token.rstrip("=")
            last = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
            spellings += [body] + [body[:-1] + other + "=" * padding for other in last if other != body[-1]]
        assert all(refused(ring, other, new.access_key_id) for other in spellings if other != token)
    assert seen == {0, 1, 2}


@pytest.mark.parametrize(
    "token", ["", "=", "IQoJb3JpZ2luX2Vj", "undefined", "null", "é" * 20, "\ud800", "\0", "A" * 400]
)
def test_what_is_no_token_does_not_open(ring: KeyRing, token: str) -> None:
    assert refused(ring, token, "ASIARZPUZDIKAAAQEAYE")


@pytest.mark.parametrize("access_key_id", ["", "é", "\ud800", "\0", "ASIA" * 4096, "AKIARZPUZDIKAAAQEAYE"])
def test_a_token_does_not_open_for_another_access_key(ring: KeyRing, guest: Session, access_key_id: str) -> None:
    assert refused(ring, minted(ring, guest).session_token, access_key_id)


def test_tokens_swapped_between_sessions_do_not_open(ring: KeyRing, guest: Session) -> None:
    one, other = minted(ring, guest), minted(ring, guest)
    assert refused(ring, one.session_token, other.access_key_id)
    assert refused(ring, other.session_token, one.access_key_id)


def test_a_token_too_long_is_not_looked_at(ring: KeyRing) -> None:
    with pytest.raises(UnrecognizedClient) as caught:
        open_session(ring, "A" * 8193, "ASIARZPUZDIKAAAQEAYE")
    assert caught.value.detail == "the session token is too long"


# --- what is from elsewhere


def test_another_deployment_with_the_same_key_does_not_open(ring: KeyRing, guest: Session) -> None:
    new = minted(ring, guest)
    assert refused(KeyRing("deployment-b", ring.active, ring.keys), new.session_token, new.access_key_id)


def test_a_key_that_is_not_in_the_ring_does_not_open(ring: KeyRing, guest: Session) -> None:
    new = minted(KeyRing.of("deployment-a", hashlib.sha256(b"elsewhere").digest()), guest)
    assert refused(ring, new.session_token, new.access_key_id)


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose is not Purpose.SESSION])
def test_what_is_sealed_for_another_purpose_is_no_session(ring: KeyRing, guest: Session, purpose: Purpose) -> None:
    new = minted(ring, guest)
    payload = sealing.open_sealed(
        ring, Purpose.SESSION, new.access_key_id, base64.b64decode(new.session_token)[len(PREFIX) :]
    ).value
    other = seal(ring, purpose, new.access_key_id, payload, salt=os.urandom(16))
    assert refused(ring, encoded(PREFIX + other), new.access_key_id)


def test_a_page_token_is_no_session_and_a_session_no_page(ring: KeyRing, guest: Session) -> None:
    new = minted(ring, guest)
    page = seal_page(ring, new.access_key_id, "position", salt=os.urandom(16))
    assert refused(ring, encoded(PREFIX + base64.urlsafe_b64decode(page)), new.access_key_id)
    sealed = base64.b64decode(new.session_token)[len(PREFIX) :]
    assert open_page(ring, new.access_key_id, base64.urlsafe_b64encode(sealed).decode()) is None


# --- what newer or hostile sealers with the key could write


FIELDS = ("role-session", "123456789012", 1, 2)
FULL = msgspec.structs.astuple(Session(*FIELDS))[:-1]  # type: ignore[arg-type]
LONG = msgspec.structs.astuple(Session(*FIELDS, session_policies=("a" * 2_000_000,)))[:-1]  # type: ignore[arg-type]


def deflated(fields: object) -> bytes:
    return b"\1" + zlib.compress(msgspec.msgpack.encode(fields), 9)


PAYLOADS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "an unknown encoding": lambda: b"\7" + msgspec.msgpack.encode(FIELDS),
    "no list": lambda: b"\0" + msgspec.msgpack.encode({"kind": "role-session"}),
    "too few fields": lambda: b"\0" + msgspec.msgpack.encode(FIELDS[:3]),
    "a field of the future": lambda: b"\0" + msgspec.msgpack.encode([*FULL, "limits the session"]),
    "two fields of the future": lambda: b"\0" + msgspec.msgpack.encode([*FULL, "", "limits the session"]),
    "a field of another type": lambda: b"\0" + msgspec.msgpack.encode(["role-session", 123456789012, 1, 2]),
    "an unknown kind": lambda: b"\0" + msgspec.msgpack.encode(["god", "123456789012", 1, 2]),
    "no deflate": lambda: b"\1" + msgspec.msgpack.encode(FIELDS),
    "deflate cut short": lambda: deflated(FIELDS)[:-8],
    "a bomb": lambda: deflated([*FIELDS, "a" * 2_000_000]),
    "a bomb in a field": lambda: deflated(LONG),
}


@pytest.mark.parametrize("name", list(PAYLOADS))
def test_a_payload_of_another_kind_is_refused(ring: KeyRing, guest: Session, name: str) -> None:
    """A session whose limits this program does not know must not pass without them; nor is it too long to be read."""
    payload = PAYLOADS[name]()
    token = sealed_by_hand(ring, guest, "ASIARZPUZDIKAAAQEAYE", os.urandom(16), payload=payload)
    assert len(token) <= ARRIVING_LIMIT
    with pytest.raises(UnrecognizedClient):
        open_session(ring, token, "ASIARZPUZDIKAAAQEAYE")


# --- size


def policy(length: int) -> str:
    """A session policy as people write them, not one that deflates to nothing."""
    chance = random.Random(length)
    statements: list[dict[str, str]] = []
    while len(text := json.dumps({"Version": "2012-10-17", "Statement": statements})) < length:
        name = "".join(chance.choices(string.ascii_lowercase + string.digits, k=10))
        statements.append(
            {
                "Effect": chance.choice(["Allow", "Deny"]),
                "Action": "execute-api:Invoke",
                "Resource": f"arn:aws:execute-api:us-east-1:123456789012:{name}/api/{chance.choice(['GET', 'POST'])}/*",
            }
        )
    return text


def test_a_token_with_session_policy_and_tags_stays_under_two_kilobytes(ring: KeyRing, guest: Session) -> None:
    limited = msgspec.structs.replace(
        guest, session_policies=(policy(1900),), tags={f"department-{n}": f"value-{n}" for n in range(10)}
    )
    new = minted(ring, limited)
    assert len(new.session_token) <= 2048
    assert open_session(ring, new.session_token, new.access_key_id)[0] == new.session


def test_what_does_not_fit_into_a_token_is_refused(ring: KeyRing, guest: Session) -> None:
    tags = {f"key-{n}": os.urandom(128).hex() for n in range(50)}
    with pytest.raises(PackedPolicyTooLarge, match=r"Packed policy consumes \d{3}% of allotted space"):
        minted(ring, msgspec.structs.replace(guest, tags=tags))


# --- who it is


def test_the_principal_of_a_role_session(ring: KeyRing, guest: Session) -> None:
    new = minted(ring, msgspec.structs.replace(guest, tags={"team": "blue"}, session_policies=("{}",)))
    assert principal_of(new.session) == Principal(
        kind="role-session",
        account="123456789012",
        arn="arn:aws:sts::123456789012:assumed-role/hello-world-guests/CognitoIdentityCredentials",
        user_id="AROARZPUZDIKJENRY3CRA:CognitoIdentityCredentials",
        access_key_id=new.access_key_id,
        role_name="hello-world-guests",
        role_id="AROARZPUZDIKJENRY3CRA",
        role_arn="arn:aws:iam::123456789012:role/service/hello-world-guests",
        session_name="CognitoIdentityCredentials",
        issued_at=1_767_225_600,
        expiration=1_767_229_200,
        identity_id="us-east-1:157d6171-ee37-c0dd-c6c5-ce7afc0154ab",
        identity_pool_id="us-east-1:8d8f7658-1c6c-4f0b-9d5c-0123456789ab",
        amr=("unauthenticated",),
        scoped_down=True,
        session_policies=("{}",),
        tags={"team": "blue"},
    )


def test_the_principal_of_a_users_session() -> None:
    session = Session(
        "user", "123456789012", 1, 2, user_arn="arn:aws:iam::123456789012:user/team/ann", user_id="AIDAEXAMPLE"
    )
    principal = principal_of(session)
    assert (principal.arn, principal.user_id, principal.user_name) == (session.user_arn, "AIDAEXAMPLE", "ann")
    assert principal.role_name is None


def test_the_principal_of_the_roots_session() -> None:
    principal = principal_of(Session("root", "123456789012", 1, 2))
    assert (principal.arn, principal.user_id) == ("arn:aws:iam::123456789012:root", "123456789012")


# --- secrets stay out of sight


def test_nothing_shows_a_secret(ring: KeyRing, guest: Session) -> None:
    new = minted(ring, guest)
    broken = new.session_token[:-8] + "AAAAAAA="
    with pytest.raises(UnrecognizedClient) as caught:
        open_session(ring, broken, new.access_key_id)
    shown = f"{new!r} {new} {new.session!r} {[new.session]} {caught.value!r} {caught.value.detail} {ring!r}"
    for secret in (new.secret_access_key, new.session_token[20:60], guest.identity_id):
        assert secret is not None
        assert secret not in shown


# --- the tests above are sharp: they fail on a sealer that is weaker


def without(part: int) -> Callable[..., bytes]:
    """Associated data that forgets one of its parts."""
    strong = sealing._associated

    def weak(deployment_id: str, purpose: Purpose, key_id: bytes, subject: str) -> bytes:
        given = [deployment_id, purpose, key_id, subject]
        given[part] = type(given[part])() if part != 1 else Purpose.PAGE
        return strong(*given)  # type: ignore[arg-type]

    return weak


@pytest.mark.parametrize(
    ("part", "caught_by"),
    [
        (0, test_another_deployment_with_the_same_key_does_not_open),
        (3, test_tokens_swapped_between_sessions_do_not_open),
        (0, test_the_format_written_out),
        (1, test_the_format_written_out),
        (3, test_the_format_written_out),
    ],
)
def test_a_sealer_that_forgets_a_part_is_caught(
    ring: KeyRing,
    guest: Session,
    monkeypatch: pytest.MonkeyPatch,
    part: int,
    caught_by: Callable[[KeyRing, Session], None],
) -> None:
    monkeypatch.setattr(sealing, "_associated", without(part))
    with pytest.raises(AssertionError):
        caught_by(ring, guest)
