"""Saved results as a picture: `python -m tests.benchmarks.plot results.json speed.svg`.

A panel for each database and kind, a bar for each contender: how many times as fast as
the naive loop, on a logarithmic scale. It has a background of its own, light or dark as
the reader's system is, since a picture in a page does not know the page's colours.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from tests.benchmarks.results import BULK, DEPTH_2, KINDS, NAIVE, Group, Results, load

LABELS: Final = 220
PANEL: Final = 185
GAP: Final = 15
LINE: Final = 18
HEAD: Final = 46
TOP: Final = 64
MARGIN: Final = 16
VALUE: Final = 34
"""Room for the number beside the longest bar."""
TICKS: Final = (0.01, 0.1, 1, 10, 100, 1000)
NAMES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB"}

STYLE: Final = """
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .head { font-weight: 600 }
  .small { font-size: 10px; fill: #57606a }
  .end { text-anchor: end }
  .middle { text-anchor: middle }
  .back { fill: #ffffff }
  .grid { stroke: #d0d7de }
  .one { stroke: #57606a }
  .bar { fill: #8c959f }
  .ours { fill: #0969da }
  .hooks { fill: #54aeff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .small { fill: #9198a1 }
    .back { fill: #0d1117 }
    .grid { stroke: #30363d }
    .one { stroke: #9198a1 }
    .bar { fill: #6e7681 }
    .ours { fill: #4493f8 }
    .hooks { fill: #1f6feb }
  }
"""
CLASSES: Final = {BULK: "ours", DEPTH_2: "hooks"}


class Scale:
    """Numbers to places, logarithmically, in the width of a panel."""

    def __init__(self, speeds: Sequence[float]) -> None:
        """Hold all speeds, and 1."""
        self.low = math.log(min(*speeds, 1, 0.5))
        self.high = math.log(max(*speeds, 1, 2))

    def get_x(self, speed: float) -> float:
        """Return pixels from the left of a panel."""
        share = (math.log(speed) - self.low) / (self.high - self.low)
        return round(VALUE + share * (PANEL - 2 * VALUE), 1)

    @property
    def ticks(self) -> list[float]:
        """What is named below a panel: few enough to be read."""
        return [tick for tick in TICKS if self.low <= math.log(tick) <= self.high]


def draw(all_results: Sequence[Results], operations: int) -> str:
    """Return the SVG of one size.

    Raises:
        ValueError: the naive loop was not measured at this size.
    """
    speeds = [
        speed
        for results in all_results
        for kind in KINDS
        for name in results.contenders
        if (speed := _get_speed(results, operations, kind, name))
    ]
    if not speeds:
        raise ValueError(f"The naive loop has no times at {operations:,} operations.")
    scale = Scale(speeds)
    parts = []
    y = TOP
    for results in all_results:
        names = _get_names(results, operations)
        if names:
            parts += _draw_database(results, operations, names, scale, y)
            y += HEAD + len(names) * LINE + LINE
    y += MARGIN
    width = 2 * MARGIN + LABELS + len(KINDS) * (PANEL + GAP)
    title = f"{operations:,} operations"
    meaning = (
        f"Times as fast as the {NAIVE}, which has a serializer and a savepoint for "
        "each operation. Longer is better; logarithmic."
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" '
            f'width="{width}" height="{y}" role="img" aria-label="{escape(title)}">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(meaning)}</desc>",
            f"<style>{STYLE}</style>",
            f'<rect class="back" width="{width}" height="{y}" rx="8"/>',
            _text(MARGIN, 28, title, "title"),
            _text(MARGIN, 48, meaning),
            *parts,
            "</svg>",
            "",
        ]
    )


def _draw_database(
    results: Results, operations: int, names: Sequence[str], scale: Scale, top: int
) -> Iterator[str]:
    first = top + HEAD
    yield _text(MARGIN, top + 30, NAMES[results.vendor], "head")
    for row, name in enumerate(names):
        yield _text(MARGIN + LABELS, first + row * LINE + 13, name, "end")
    for column, kind in enumerate(KINDS):
        left = MARGIN + LABELS + GAP + column * (PANEL + GAP)
        bottom = first + len(names) * LINE
        one = left + scale.get_x(1)
        yield _text(one, top + 30, f"{kind} ({KINDS[kind]})", "head middle")
        for tick in scale.ticks:
            x = left + scale.get_x(tick)
            style = "one" if tick == 1 else "grid"
            yield f'<path class="{style}" d="M{x:g} {first}V{bottom}"/>'
            yield _text(x, bottom + 12, f"{tick:g}", "small middle")
        for row, name in enumerate(names):
            speed = _get_speed(results, operations, kind, name)
            if speed:
                yield from _draw_bar(name, speed, scale, left, first + row * LINE)


def _draw_bar(
    name: str, speed: float, scale: Scale, left: int, top: int
) -> Iterator[str]:
    one, end = left + scale.get_x(1), left + scale.get_x(speed)
    yield (
        f'<rect class="{CLASSES.get(name, "bar")}" x="{min(one, end):g}" '
        f'y="{top + 3}" width="{max(abs(end - one), 1):g}" height="{LINE - 5}"/>'
    )
    number = f"{speed:.{0 if speed >= 10 else 1 if speed >= 1 else 2}f}"
    if speed < 1:
        yield _text(end - 3, top + 13, number, "small end")
    else:
        yield _text(end + 3, top + 13, number, "small")


def _get_speed(results: Results, operations: int, kind: str, name: str) -> float | None:
    return results.get_speed(Group(operations=operations, kind=kind), name, NAIVE)


def _get_names(results: Results, operations: int) -> list[str]:
    return [
        name
        for name in results.contenders
        if name != NAIVE
        and any(_get_speed(results, operations, kind, name) for kind in KINDS)
    ]


def _text(x: float, y: float, text: str, style: str = "") -> str:
    style = f' class="{style}"' if style else ""
    return f'<text x="{x:g}" y="{y:g}"{style}>{escape(text)}</text>'


def main() -> None:
    """Write a picture of what was saved."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.plot")
    parser.add_argument("results", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--operations", type=int, default=1000)
    options = parser.parse_args()
    picture = draw(load(options.results), options.operations)
    options.picture.parent.mkdir(parents=True, exist_ok=True)
    options.picture.write_text(picture)


if __name__ == "__main__":
    main()
