"""Results as Markdown: ratios first, and never without them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.benchmarks.results import (
    BULK,
    DEPTH_2,
    KINDS,
    NAIVE,
    RAW,
    RAW_JSON,
    Group,
    Results,
)

NONE = "\N{EN DASH}"


def get_tables(results: Results) -> Iterator[str]:
    """Yield all that was measured on one database, for whoever measures."""
    yield f"{results.about}."
    if results.measurements:
        yield (
            f"Medians of {results.runs}. The numbers below a contender's name say how "
            "many times as fast as it the one of the line is."
        )
    for size in results.sizes:
        yield f"{results.vendor}, {size:,} operations:"
        yield get_size_table(results, size)
        refused = [each for each in results.groups if each.refused]
        if any(each.operations == size for each in refused):
            yield f"{results.vendor}, {size:,} operations, some refused:"
            yield get_refused_table(results, size)
    if len(results.sizes) > 1:
        yield f"{results.vendor}, the longer request takes so many times as long:"
        yield get_scaling_table(results)
    if results.memory:
        yield f"{results.vendor}, peak of a `{BULK}` request above idle:"
        yield get_memory_table(results)
    left_out = get_left_out(results)
    if left_out:
        yield left_out


def get_docs_tables(results: Results) -> Iterator[str]:
    """Yield short tables for the documentation: a line for each contender."""
    yield f"{results.about}; medians of {results.runs}:"
    for size in results.sizes:
        groups = [Group(operations=size, kind=kind) for kind in KINDS]
        base = NAIVE
        if not any(results.get_seconds(group, NAIVE) for group in groups):
            base = RAW_JSON
        yield f"{size:,} operations: times as fast as the {base} (milliseconds)."
        yield _format(
            ["", *KINDS],
            [
                [name, *(_get_cell(results, group, name, base) for group in groups)]
                for name in results.contenders
                if any(results.get_seconds(group, name) for group in groups)
            ],
        )


def get_size_table(results: Results, size: int) -> str:
    """Return the contenders of each kind, none of their operations refused."""
    rows = []
    for kind in KINDS:
        group = Group(operations=size, kind=kind)
        for name in results.contenders:
            seconds = results.get_seconds(group, name)
            if seconds is not None:
                speeds = [
                    _ratio(results.get_speed(group, name, base))
                    for base in (RAW, RAW_JSON, NAIVE)
                ]
                rows.append([kind, name, *speeds, _milliseconds(seconds)])
    return _format(["", "contender", RAW, RAW_JSON, NAIVE, "ms"], rows)


def get_refused_table(results: Results, size: int) -> str:
    """Return those that give statuses, against themselves and against depth 2."""
    rows = []
    for group in results.groups:
        clean = Group(operations=size, kind=group.kind)
        for name in results.contenders if group.operations == size else ():
            seconds = results.get_seconds(group, name)
            if group.refused and seconds is not None:
                clean_seconds = results.get_seconds(clean, name)
                rows.append(
                    [
                        f"{group.kind}, {group.refused:g} % by {group.refused_by}",
                        name,
                        _ratio(clean_seconds and clean_seconds / seconds),
                        _ratio(results.get_speed(group, name, DEPTH_2)),
                        _milliseconds(seconds),
                    ]
                )
    return _format(["", "contender", "itself, none refused", DEPTH_2, "ms"], rows)


def get_scaling_table(results: Results) -> str:
    """Return how the time grows with the size."""
    steps = list(pairwise(results.sizes))
    rows = []
    for kind in KINDS:
        for name in results.contenders:
            cells = [_get_growth(results, kind, name, step) for step in steps]
            if any(cells):
                rows.append([kind, name, *map(_ratio, cells)])
    head = [f"{longer:,} ÷ {shorter:,}" for shorter, longer in steps]
    return _format(["", "contender", *head], rows)


def get_memory_table(results: Results) -> str:
    """Return megabytes."""
    return _format(
        ["", "operations", "MB"],
        [
            [each.kind, f"{each.operations:,}", f"{each.above_idle / 1e6:,.1f}"]
            for each in results.memory
        ],
    )


def get_left_out(results: Results) -> str:
    """Return a list of who did not take part, and why."""
    places: dict[tuple[str, str], list[str]] = {}
    for each in results.measurements:
        if each.left_out:
            group = each.group
            place = f"{group.operations:,} {group.kind}"
            if group.refused:
                place += f" with {group.refused:g} % refused by {group.refused_by}"
            places.setdefault((each.contender, each.left_out), []).append(place)
    return "\n".join(
        f"- {contender} ({', '.join(where)}): {reason}"
        for (contender, reason), where in places.items()
    )


def _get_growth(
    results: Results, kind: str, name: str, step: tuple[int, int]
) -> float | None:
    short, long = (
        results.get_seconds(Group(operations=size, kind=kind), name) for size in step
    )
    return long / short if short and long else None


def _get_cell(results: Results, group: Group, name: str, base: str) -> str:
    seconds = results.get_seconds(group, name)
    if seconds is None:
        return NONE
    speed = _ratio(results.get_speed(group, name, base))
    return f"{speed} ({_milliseconds(seconds)})"


def _ratio(ratio: float | None) -> str:
    return NONE if ratio is None else f"{ratio:,.2f}"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.{0 if seconds >= 0.01 else 1}f}"


def _format(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; what is no word stands right."""
    words = 2 if "contender" in head else 1
    rule = ["---"] * words + ["---:"] * (len(head) - words)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))
