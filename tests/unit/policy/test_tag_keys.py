"""Tags as condition keys: what someone chose as a key or value stands behind a prefix."""

from hypothesis import given
from hypothesis import strategies as st

from gatepass.policy import iam_resource_tag_keys, request_tag_keys, resource_tag_keys, untag_keys

TAGS = {"team": "blue", "aws:SourceIp": "192.0.2.1"}


def test_by_what_has_or_asks_for_them() -> None:
    resource = {"aws:ResourceTag/team": "blue", "aws:ResourceTag/aws:SourceIp": "192.0.2.1"}
    assert resource_tag_keys(TAGS) == resource
    iam = {"iam:ResourceTag/team": "blue", "iam:ResourceTag/aws:SourceIp": "192.0.2.1"}
    assert iam_resource_tag_keys(TAGS) == resource | iam
    asked = {"aws:RequestTag/team": "blue", "aws:RequestTag/aws:SourceIp": "192.0.2.1"}
    assert request_tag_keys(TAGS) == asked | {"aws:TagKeys": ("team", "aws:SourceIp")}
    assert untag_keys(["a", "b"]) == {"aws:TagKeys": ("a", "b")}
    assert request_tag_keys({}) == untag_keys([]) == {"aws:TagKeys": None}


@given(st.dictionaries(st.text(), st.text()))
def test_no_tag_is_another_key(tags: dict[str, str]) -> None:
    for key in {**iam_resource_tag_keys(tags), **request_tag_keys(tags)}:
        assert key == "aws:TagKeys" or key.startswith(("aws:ResourceTag/", "iam:ResourceTag/", "aws:RequestTag/"))
