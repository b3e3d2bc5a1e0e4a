"""Finds the refused among many, where the database does not name them all.

Rows are tried together in one savepoint. What is refused is tried again without the
row that is to blame, so that each row meets those before it, as if written alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db import transaction

from multistatus_app.sets.writers.base import REFUSED, Refusals

_LARGEST: Final = 64  # that share a savepoint, where each has its own statement
_SMALLEST: Final = 8  # that are worth a common statement


def write_each(count: int, write: Callable[[int], None], using: str) -> Refusals:
    """Write row after row, a statement for each; return the refused.

    `write` takes a place. The statement that fails tells which row it was; those before
    it went back with it and are written again, so the more are refused, the fewer rows
    share a savepoint.
    """
    refusals: Refusals = {}
    start, size = 0, _LARGEST
    while start < count:
        place, stop = start, min(start + size, count)
        try:
            with transaction.atomic(using=using):
                for place in range(start, stop):
                    write(place)
        except REFUSED as exc:
            size = place - start
            if size == 0:
                refusals[start] = exc
                start, size = start + 1, 1
        else:
            start, size = stop, min(2 * size, _LARGEST)
    return refusals


def write_groups(count: int, write: Callable[[int, int], None], using: str) -> Refusals:
    """Write groups of rows, a statement for each; return the refused.

    `write` takes the places from one to before another. A group that is refused is
    halved, left half first. Once some were refused the groups are as small as their
    share makes it pay: if all are refused that is a savepoint for each, and no more.
    """
    refusals: Refusals = {}
    start = 0
    suspects = 0  # so many rows from `start` on have a refused one among them
    while start < count:
        size = (suspects + 1) // 2 or _get_size(start, len(refusals), count - start)
        try:
            with transaction.atomic(using=using):
                write(start, start + size)
        except REFUSED as exc:
            if size > 1:
                suspects = size
                continue
            refusals[start] = exc
            suspects = 0
        else:
            suspects = max(0, suspects - size)
        start += size
    return refusals


def _get_size(done: int, refused: int, left: int) -> int:
    """Return how many rows to try at once: half of those that went by per refused.

    Where those are few, one by one: to halve them would cost more.
    """
    if not refused:
        return left
    size = done // refused // 2
    return min(left, size) if size >= _SMALLEST else 1
