"""The table of `docs/companions.md`, made of what the modules say of themselves.

`python -m tests.companions.pages` writes it anew.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tests.companions.manifests import Manifest, read_all

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "companions.md"

_TABLE: Final = re.compile(r"^\| library .*?(?=\n\n)", re.MULTILINE | re.DOTALL)


def renew() -> str:
    """Return the page with the table as it is to be."""
    table = make_table(read_all())
    return _TABLE.sub(lambda _: table, PAGE.read_text(), count=1)


def make_table(manifests: list[Manifest]) -> str:
    """Make the table, in the order of the libraries' names."""
    lines = ["| library | what takes part | verdict | why |", "|---|---|---|---|"]
    for each in sorted(manifests, key=lambda each: (each.PACKAGES[0], each.name)):
        about = " ".join(each.about.split())
        why = " ".join(_explain(each))
        lines.append(f"| {each.PACKAGES[0]} | {about} | {each.verdict} | {why} |")
    return "\n".join(lines)


def _explain(manifest: Manifest) -> list[str]:
    reasons = [f"The line: {manifest.LINE}."] if manifest.LINE else []
    reasons += dict.fromkeys((manifest.DIFFERS or {}).values())
    reasons += dict.fromkeys((manifest.BETTER or {}).values())
    if manifest.NOTE:
        reasons.append(manifest.NOTE)
    if "sqlite" not in manifest.VENDORS:
        reasons.append("PostgreSQL only.")
    return reasons


if __name__ == "__main__":
    PAGE.write_text(renew())
