"""The figures as a Markdown table."""

from __future__ import annotations

from collections import Counter

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB"}
"""What the table calls the databases, by Django's vendor."""


def write_table(counts: dict[tuple[str, str], Counter[str]]) -> list[str]:
    """Return the lines of the Markdown table."""
    lines = [
        "| fault | database | tries | answered 503 | 207 | not at all | lost | false |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    order = list(NAMES)
    for (fault, vendor), each in sorted(
        counts.items(), key=lambda item: (item[0][0], order.index(item[0][1]))
    ):
        cells = [
            each[name] for name in ("tries", "503", "207", "none", "lost", "false")
        ]
        figures = " | ".join(f"{cell:,}" for cell in cells)
        lines.append(f"| {fault} | {NAMES[vendor]} | {figures} |")
    return lines
