"""Unique values that no validator looks up, of rows that are changed together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from multistatus_app.sets.pending import Doubt
from multistatus_app.sets.rows import get_values

Columns = tuple[Any, ...]


class Claims:
    """What the rows of a set have and get. The database alone says if it is free."""

    def __init__(self) -> None:
        """Begin without rows."""
        self._there: dict[Columns, set[Any]] = {}

    def add(self, columns: Columns, rows: Iterable[Any]) -> None:
        """Take the rows as they are before the changes."""
        self._there[columns] = {get_values(row, columns) for row in rows}

    def claim(self, columns: Columns, old: Any, new: Any) -> None:
        """Note that a row gets a value.

        Raises:
            Doubt: another row has it, or had it, or gets it, so the order matters.
        """
        if new == old or None in new:
            return
        there = self._there.get(columns)
        if there is None or new in there:
            raise Doubt
        there.add(new)
