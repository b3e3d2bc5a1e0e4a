"""Times: each contender in turns, on rows that were made for it alone."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tests.benchmarks.contenders import Contender
from tests.benchmarks.loads import make_load
from tests.benchmarks.results import Group, Measurement

WARMING: Final = 10
"""Operations in the request that each contender gets before its time is taken."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be measured."""

    sizes: Sequence[int]
    kinds: Sequence[str]
    shares: Sequence[float]
    refusers: Sequence[str]
    runs: int
    slowest: int
    """How many operations the slow contenders get at most."""

    @property
    def groups(self) -> Iterator[Group]:
        """The groups to measure: first without a refusal, always."""
        for operations in self.sizes:
            for kind in self.kinds:
                yield Group(operations=operations, kind=kind)
                for refuser in self.refusers:
                    for share in self.shares:
                        if share and operations * share >= 100:
                            yield Group(
                                operations=operations,
                                kind=kind,
                                refused=share,
                                refused_by=refuser,
                            )

    def get_reason(self, contender: Contender, group: Group) -> str | None:
        """Return why a contender does not take part in a group."""
        if contender.is_slow and group.operations > self.slowest:
            return f"is slow above {self.slowest:,} operations; --all measures it"
        return contender.left_out.get(group.kind)


def measure(plan: Plan, contenders: Sequence[Contender]) -> Iterator[Measurement]:
    """Yield a measurement of each contender in each group."""
    for group in plan.groups:
        yield from _measure_group(plan, group, contenders)


def _measure_group(
    plan: Plan, group: Group, contenders: Sequence[Contender]
) -> Iterator[Measurement]:
    present = [each for each in contenders if each.has_statuses or not group.refused]
    turns = [_Turns(contender, group) for contender in present]
    for each in turns:
        each.left_out = plan.get_reason(each.contender, group)
        each.take(Group(operations=min(WARMING, group.operations), kind=group.kind))
        each.seconds.clear()
    for _ in range(plan.runs):
        for each in turns:
            each.take(group)
    for each in turns:
        print(each, file=sys.stderr, flush=True)
        yield Measurement(
            contender=each.contender.name,
            group=group,
            seconds=() if each.left_out else tuple(each.seconds),
            left_out=each.left_out,
        )


class _Turns:
    """The times of one contender in one group, until it fails."""

    def __init__(self, contender: Contender, group: Group) -> None:
        self.contender = contender
        self.group = group
        self.seconds: list[float] = []
        self.left_out: str | None = None

    def take(self, group: Group) -> None:
        """Take the time, or drop out."""
        if self.left_out:
            return
        try:
            self.seconds.append(time_once(self.contender, group))
        except Exception as exc:
            # Whatever goes wrong in somebody else's package: the others go on.
            line = (str(exc).splitlines() or [""])[0]
            self.left_out = f"{type(exc).__name__}: {line[:300]}"

    def __str__(self) -> str:
        group = self.group
        refused = f", {group.refused:g} % refused" if group.refused else ""
        times = " ".join(f"{1000 * each:,.0f}" for each in self.seconds)
        return (
            f"{group.operations:,} {group.kind}{refused}, {self.contender.name}: "
            f"{self.left_out or times + ' ms'}"
        )


def time_once(contender: Contender, group: Group) -> float:
    """Return the seconds of one call; what it did is checked outside of them.

    Raises:
        NotDone: it did not do all that could be done.
    """
    load = make_load(group)
    call = contender.prepare(load)
    gc.collect()
    start = time.perf_counter()
    answer = call()
    seconds = time.perf_counter() - start
    load.check(contender.count(load, answer))
    return seconds
