"""The sections of a page, each a project of its own.

A block that begins with the name of a file is that file; the first one of a section
takes the place of the quick start's. What has no name, and `<!-- given … -->`, is run
when the project has been set up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
QUICK_START: Final = ROOT / "docs" / "quickstart.md"
PAGE: Final = ROOT / "docs" / "guides" / "undone.md"

_BLOCK: Final = re.compile(
    r"^```python\n(?P<text>.*?)^```$|^<!-- given\n(?P<given>.*?)^-->$",
    re.MULTILINE | re.DOTALL,
)
_FILE: Final = re.compile(r"# ([\w/]+\.py)\n")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading, and what comes below it."""

    title: str
    text: str
    files: dict[str, str] = field(default_factory=dict)
    """The files that it shows, by name."""
    script: str = ""
    """What is run when they are there."""


def read(page: Path) -> Iterator[Section]:
    """Yield the sections of a page that show code."""
    for part in re.split(r"^## ", page.read_text(), flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        files: dict[str, str] = {}
        script = []
        for match in _BLOCK.finditer(text):
            block = match["given"] or match["text"]
            named = _FILE.match(block)
            if named:
                files[named[1]] = files.get(named[1], "") + block
            else:
                script.append(block)
        if files or script:
            yield Section(title=title, text=text, files=files, script="".join(script))


def read_quick_start() -> dict[str, str]:
    """Read the files of the quick start."""
    files: dict[str, str] = {}
    for section in read(QUICK_START):
        files |= section.files
    return files
