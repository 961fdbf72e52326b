"""Pages lead somewhere, and the two languages say the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TRANSLATED = [
    ("README.md", "README.ja.md"),
    *(
        (path.relative_to(ROOT).as_posix(), path.with_suffix(".ja.md").relative_to(ROOT).as_posix())
        for path in sorted((ROOT / "docs" / "guides").glob("*.md"))
        if not path.name.endswith(".ja.md")
    ),
]


def test_every_link_leads_somewhere(pages: list[Any]) -> None:
    """A relative link names a file that is there, and an anchor a heading in it."""
    by_path = {page.path: page for page in pages}
    dead = []
    for page in pages:
        for link in page.links:
            if link.startswith(("https://", "http://", "mailto:")):
                continue
            name, _, anchor = link.partition("#")
            target = (page.path.parent / name).resolve() if name else page.path
            if not target.exists() or (anchor and anchor not in by_path[target].anchors):
                dead.append(f"{page.name}: {link}")
    assert dead == []


def test_every_page_is_linked_from_another(pages: list[Any]) -> None:
    """A page that nobody links to is not found."""
    linked = {(page.path.parent / link.partition("#")[0]).resolve() for page in pages for link in page.links}
    entrances = {ROOT / "README.md", ROOT / "changes" / "README.md"}
    orphans = [
        page.name for page in pages if page.path not in linked | entrances and page.path.parent.name != "changes"
    ]
    assert orphans == []


@pytest.mark.parametrize(("english", "japanese"), TRANSLATED, ids=lambda name: str(name))
def test_the_languages_have_the_same_shape(page: Callable[[str], Any], english: str, japanese: str) -> None:
    """Headings of the same levels, the same code in the same order, tables of the same length."""
    one, other = page(english), page(japanese)
    assert [level for level, _ in one.headings] == [level for level, _ in other.headings]
    assert [(block.kind, block.text) for block in one.blocks] == [(block.kind, block.text) for block in other.blocks]
    assert one.table_rows == other.table_rows


def test_the_map_names_every_room() -> None:
    """Who looks for a room finds it in both READMEs."""
    rooms = {path.stem for path in (ROOT / "src" / "gatepass").iterdir() if path.suffix == ".py" or path.is_dir()}
    rooms = {room for room in rooms if not room.startswith("__")}
    assert rooms >= {"sigv4", "gateway", "errors"}
    for name in ("README.md", "README.ja.md"):
        rows = [line for line in (ROOT / name).read_text().splitlines() if line.startswith("| `")]
        assert [room for room in sorted(rooms) if not any(f"`{room}`" in row.split("|")[1] for row in rows)] == [], name


def test_a_block_that_is_not_run_says_why(pages: list[Any]) -> None:
    """`sh` instead of `console` needs a reason in a comment before it."""
    silent = [
        f"{page.name}:{block.line}"
        for page in pages
        for block in page.blocks
        if block.kind in ("sh", "bash", "shell") and not block.comment.startswith("not run: ")
    ]
    assert silent == []
