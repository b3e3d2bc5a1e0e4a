"""The writer of SQLite: one prepared statement, run row by row without a savepoint.

A statement that is refused takes back itself and nothing else: the rows before it and
the transaction stay. How many rows the connection has changed names the refused one,
and the rest goes on after it, so all is as if each row had been written alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.db import connections
from django.db.models import AutoField, Model

from multistatus_app.sets.rows import chunk_values
from multistatus_app.sets.writers.base import REFUSED, Refusals, RowsAreGone
from multistatus_app.sets.writers.columns import (
    HasExpression,
    get_columns,
    get_converter,
)
from multistatus_app.sets.writers.instances import Unsaved, prepare
from multistatus_app.sets.writers.orm import OrmWriter

GetRows = Callable[[int], Iterator[Sequence[Any]]]
"""Gives the parameters of the rows from one place on."""

_TURN: Final = 2**32  # where SQLite's counter of changes begins again


class SqliteWriter:
    """Writes by `executemany`."""

    def __init__(self, model: type[Model], using: str) -> None:
        """Write instances of this model to this database."""
        self._options: Any = model._meta
        self._connection: Any = connections[using]
        self._orm = OrmWriter(model, using)
        self._quote: Callable[[str], str] = self._connection.ops.quote_name
        self._table = self._quote(self._options.db_table)
        self._key = self._quote(str(self._options.pk.column))

    def insert(self, instances: Sequence[Model]) -> Refusals:
        """Insert rows; who is refused is unsaved and has the key it had."""
        if not instances:
            return {}
        try:
            return self._insert(instances)
        except (HasExpression, _NotCounted):
            return self._orm.insert(instances)

    def update(self, instances: Sequence[Model], fields: Sequence[Any]) -> Refusals:
        """Set these fields of rows that exist."""
        if not instances or not fields:
            return {}
        prepare(instances)
        pk = self._options.pk
        try:
            columns = get_columns(
                instances, [*fields, pk], self._connection, adding=False
            )
        except HasExpression:
            return self._orm.update(instances, fields)
        sets = ", ".join(f"{self._quote(field.column)} = %s" for field in fields)
        before = self._count_changes()
        refusals = self._run(
            f"UPDATE {self._table} SET {sets} WHERE {self._key} = %s",
            len(instances),
            _get_rows(list(zip(*columns, strict=True))),
        )
        written = (self._count_changes() - before) % _TURN
        if written + len(refusals) < len(instances) or (
            # A row that is gone changes nothing, and shifts the places after it.
            refusals and not self._has_all(columns[-1])
        ):
            raise RowsAreGone
        return refusals

    def delete(self, keys: Sequence[Any]) -> None:
        """Delete rows by primary key and nothing else; one that is gone is no error."""
        convert = get_converter(self._options.pk, self._connection)
        for _ in self._run_in_chunks("DELETE", [convert(key) for key in keys]):
            pass

    def _insert(self, instances: Sequence[Model]) -> Refusals:
        pk = self._options.pk
        # The key comes last: what SQLite makes is known only when its row is written.
        fields = [*(f for f in self._options.concrete_fields if f is not pk), pk]
        names = ", ".join(self._quote(field.column) for field in fields)
        marks = ", ".join(["%s"] * len(fields))
        with Unsaved(instances) as unsaved:
            columns = get_columns(instances, fields, self._connection, adding=True)
            rows = list(zip(*columns, strict=True))
            keys = self._get_keys(columns[-1])
            refusals = self._run(
                f"INSERT INTO {self._table} ({names}) VALUES ({marks})",
                len(rows),
                keys.get_rows(rows) if keys else _get_rows(rows),
            )
            made = keys.made if keys else {}
            unsaved.finish(refusals.keys(), self._connection.alias, made)
        return refusals

    def _run(self, sql: str, count: int, get_rows: GetRows) -> Refusals:
        """Run a statement for each row; return the refused."""
        refusals: Refusals = {}
        start = 0
        while start < count:
            before = self._count_changes()
            try:
                with self._connection.cursor() as cursor:
                    cursor.executemany(sql, get_rows(start))
                break
            except REFUSED as exc:
                start += (self._count_changes() - before) % _TURN
                refusals[start] = exc
                start += 1
        return refusals

    def _count_changes(self) -> int:
        changes: int = self._connection.connection.total_changes
        return changes

    def _has_all(self, keys: Sequence[Any]) -> bool:
        wanted = list(set(keys))
        found = sum(
            cursor.fetchone()[0]
            for cursor in self._run_in_chunks("SELECT count(*)", wanted)
        )
        return bool(found == len(wanted))

    def _run_in_chunks(self, verb: str, keys: list[Any]) -> Iterator[Any]:
        """Run a statement for the rows with these keys, in as few as it takes."""
        for chunk in chunk_values(keys, self._connection.alias):
            marks = ", ".join(["%s"] * len(chunk))
            with self._connection.cursor() as cursor:
                cursor.execute(
                    f"{verb} FROM {self._table} WHERE {self._key} IN ({marks})", chunk
                )
                yield cursor

    def _get_keys(self, given: list[Any]) -> _Keys | None:
        """Return what makes keys for the rows without one.

        Raises:
            _NotCounted: this table does not count its keys.
        """
        pk = self._options.pk
        if not isinstance(pk, AutoField) or None not in given:
            return None
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"SELECT (SELECT max({self._key}) FROM {self._table}), "
                "(SELECT seq FROM sqlite_sequence WHERE name = tables.name) "
                "FROM sqlite_master tables "
                "WHERE type = 'table' AND name = %s COLLATE NOCASE "
                "AND sql LIKE '%%AUTOINCREMENT%%'",
                [self._options.db_table],
            )
            row = cursor.fetchone()
        if row is None:
            raise _NotCounted
        return _Keys(given, max(0, *(key or 0 for key in row)) + 1)


class _NotCounted(Exception):
    """The keys of a table are not AUTOINCREMENT."""


class _Keys:
    """Makes the keys that SQLite would make: a refused row consumes none."""

    def __init__(self, given: list[Any], first: int) -> None:
        """Begin here; rows that are given a key keep it."""
        self._given = given
        self._next = [first] * len(given)
        self.made: dict[int, int] = {}

    def get_rows(self, rows: list[tuple[Any, ...]]) -> GetRows:
        """Return what adds the keys to these rows, whose last column has those given.

        It begins at 0 and then after a refused row, and takes back that row's key.
        """

        def get(start: int) -> Iterator[Sequence[Any]]:
            key = self._next[max(0, start - 1)]
            for place in range(start, len(rows)):
                self._next[place] = key
                own = self._given[place]
                if own is None:
                    own = self.made[place] = key
                key = max(key, own + 1)
                yield (*rows[place][:-1], own)

        return get


def _get_rows(rows: list[tuple[Any, ...]]) -> GetRows:
    return lambda start: (rows[place] for place in range(start, len(rows)))
