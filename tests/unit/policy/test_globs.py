"""Globs match whole texts, take wildcards only from patterns, and never go back over a text."""

import ast
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import gatepass.policy
from gatepass.policy.globs import ONE, STAR, compiled, glob, tokens

TraceFunction = Callable[[FrameType, str, Any], Any]
FOLDER = Path(gatepass.policy.__file__).parent


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("", [""], ["a"]),
        ("*", ["", "a", "a/b:c", "*"], []),
        ("?", ["a", "*"], ["", "ab"]),
        ("abc", ["abc"], ["ab", "abcd", "ABC", ""]),
        ("a*", ["a", "ab", "a*"], ["", "ba"]),
        ("*a", ["a", "ba"], ["ab"]),
        ("a*a", ["aa", "aba", "aaa"], ["a"]),
        ("a*b*c", ["abc", "axbxc", "abbcc"], ["ac", "acb", "abca"]),
        ("a**b", ["ab", "axb"], ["a", "b"]),
        ("*a*a*", ["aa", "xaxax"], ["a", "xax"]),
        ("ab*x*b", ["abxb"], ["ab", "axb", "abx"]),
        ("a?*x*?b", ["acxcb"], ["acb", "axb"]),
        ("a*b*b", ["abb", "axbxb"], ["ab", "axb"]),
        ("*?b*?b*", ["xbxb", "xbbb"], ["xb", "xbb", "bb"]),
        ("*b?*c*", ["bxc", "abxxc"], ["bc", "xbc"]),
        ("a?c", ["abc", "a?c"], ["ac", "abbc"]),
        ("?*", ["a", "ab"], [""]),
        ("*?", ["a", "ab"], [""]),
        ("*a?c*", ["abc", "xabcx", "aaacc"], ["ac", "acb"]),
        ("*a?b?c*", ["aabbc", "xa_b_cx", "aaabacbbc"], ["abc", "a_bc"]),
        ("a?*?b", ["axxb", "axyzb"], ["axb", "ab"]),
        ("??", ["ab"], ["a", "abc"]),
        ("pets/?/x*", ["pets/1/x", "pets/1/xy"], ["pets//x", "pets/12/x"]),
    ],
)
def test_a_glob_matches_the_whole_text(pattern: str, matching: list[str], others: list[str]) -> None:
    made = compiled(pattern)
    assert [text for text in matching if not made.matches(text)] == []
    assert [text for text in others if made.matches(text)] == []


def test_every_match_begins_with_the_prefix() -> None:
    assert compiled("abc*d?e").prefix == "abc"
    assert compiled("abc").exact
    assert compiled("abc*").test is None
    assert compiled("*abc").prefix == ""


def test_literal_runs_may_hold_wildcard_characters() -> None:
    assert glob(("a", "*", "b")).matches("a*b")
    assert not glob(("a", "*", "b")).matches("axb")
    assert glob(("a", "?", STAR)).matches("a?anything")
    assert not glob(("a", "?", ONE)).matches("axy")


def test_tokens_keep_the_order() -> None:
    assert tokens("a*?b??") == ("a", STAR, ONE, "b", ONE, ONE)
    assert tokens("") == ()


def steps(pattern: str, text: str) -> int:
    """How many lines of Python a match runs."""
    made = compiled(pattern)
    count = 0

    def tracer(frame: FrameType, event: str, argument: object) -> TraceFunction:
        nonlocal count
        count += 1
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        made.matches(text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("pattern", ["*a" * 29 + "*b*", "*a?a" * 29 + "*b?b*", "*?" * 30, "*" + "a?" * 30 + "b*"])
def test_twice_the_text_takes_at_most_twice_the_steps(pattern: str) -> None:
    once, twice = steps(pattern, "a" * 2_000 + "c"), steps(pattern, "a" * 4_000 + "c")
    assert twice <= 2 * once + 10


def test_nothing_that_sees_a_request_uses_regular_expressions() -> None:
    """Only the checks at save do: their texts come from administrators."""
    importing = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if "re" in names or (isinstance(node, ast.ImportFrom) and node.module in ("re", "fnmatch")):
                importing.add(path.name)
    assert importing == {"legacy.py"}
