"""Markdown as these tests see it: headings, links and fenced blocks; and the pages there are."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
SKIPPED_FOLDERS = {".venv", ".venv-bench", ".git", ".gatepass", ".pytest_cache", ".mypy_cache", ".ruff_cache"}


@dataclass
class Block:
    """A fenced block.

    Attributes:
        kind: the word after the fence: `console`, `sh`, `python`, …
        comment: the HTML comment on the line before, if any.
    """

    kind: str
    line: int
    comment: str
    text: str = ""


@dataclass
class Page:
    """One Markdown file, read."""

    path: Path
    headings: list[tuple[int, str]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    table_rows: int = 0

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def anchors(self) -> set[str]:
        return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for _, text in self.headings}


def read(path: Path) -> Page:
    page = Page(path)
    open_block: Block | None = None
    before = ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if open_block is not None:
            if line.startswith("```"):
                open_block = None
            else:
                open_block.text += line + "\n"
        elif line.startswith("```"):
            comment = before.removeprefix("<!--").removesuffix("-->").strip() if before.startswith("<!--") else ""
            open_block = Block(line.removeprefix("```").strip(), number, comment)
            page.blocks.append(open_block)
        elif heading := re.match(r"(#+) (.+)", line):
            page.headings.append((len(heading[1]), heading[2]))
        else:
            page.links += LINK.findall(line)
            page.table_rows += line.startswith("|")
        before = line
    return page


@pytest.fixture(scope="session")
def page() -> Callable[[str], Page]:
    """A page by its name from the project's root."""
    return lambda name: read(ROOT / name)


@pytest.fixture(scope="session")
def pages() -> list[Page]:
    """Every Markdown file of the project."""
    found = (path for path in sorted(ROOT.rglob("*.md")) if not SKIPPED_FOLDERS & set(path.parts))
    return [read(path) for path in found]
