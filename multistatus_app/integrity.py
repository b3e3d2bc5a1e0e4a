"""What an operation wrote, and whether the database will still take it at commit.

Foreign keys are deferred to the commit on PostgreSQL and SQLite: a bad one would surface
there, after its operation was answered with a 2xx. So constraints are asked before an
operation counts as done. MariaDB and MySQL check at once and need nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db import IntegrityError, connections

# Leading words of statements that change no row. A function called by SELECT may; that
# is the one way past this list.
_READS: Final = frozenset(
    {"SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET", "PRAGMA", "SHOW", "EXPLAIN"}
)
_NAME: Final = r'["`](?P<table>[^"`]+)["`]'
_INSERT: Final = re.compile(
    rf"INSERT(?: OR IGNORE)? INTO {_NAME} \((?P<columns>[^()]+)\) "
    r"VALUES (?P<rows>\((?:%s(?:, )?)+\)(?:, \((?:%s(?:, )?)+\))*)"
    r"(?: ON CONFLICT DO NOTHING)?(?: RETURNING .+)?"
)
_UPDATE: Final = re.compile(
    rf"UPDATE {_NAME} SET (?P<sets>.+?) WHERE [\"`][^\"`]+[\"`]\."
    r"[\"`](?P<key>[^\"`]+)[\"`] (?:= %s|IN \((?:%s(?:, )?)+\))"
)
_DELETE: Final = re.compile(
    rf"DELETE FROM {_NAME} WHERE [\"`][^\"`]+[\"`]\."
    r"[\"`](?P<key>[^\"`]+)[\"`] (?:= %s|IN \((?:%s(?:, )?)+\))"
)
_TABLE: Final = re.compile(rf"(?:INSERT(?: \w+)* INTO|UPDATE|DELETE FROM) {_NAME}")


@dataclass(frozen=True, slots=True)
class Write:
    """One statement that may have changed rows."""

    sql: str
    params: Sequence[Any]
    many: bool

    @property
    def table(self) -> str | None:
        """The table it changed; None where that cannot be told."""
        match = _TABLE.match(self.sql)
        return match["table"] if match else None

    def get_changed_keys(self) -> tuple[str, tuple[Any, ...]] | None:
        """Return column and values that an ORM update or delete picked its rows by."""
        match = _UPDATE.fullmatch(self.sql) or _DELETE.fullmatch(self.sql)
        if match is None or self.many:
            return None
        count = self.sql.count("%s", self.sql.rindex(" WHERE "))
        return match["key"], tuple(self.params[len(self.params) - count :])


class Journal:
    """Keeps the writes of the operation that is running, on one connection.

    An execute wrapper of Django's (`connection.execute_wrapper`).
    """

    def __init__(self, using: str) -> None:
        """Keep a journal of the connection with this alias, once `recording`."""
        self.using = using
        self.writes: list[Write] = []
        self.statements = 0

    def __call__(
        self, execute: Any, sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        """Run one statement and note it."""
        self.statements += 1
        text = sql if isinstance(sql, str) else str(sql)
        if text.lstrip(" (\n").partition(" ")[0].upper() not in _READS:
            self.writes.append(Write(text, () if many else tuple(params or ()), many))
        return execute(sql, params, many, context)

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Note every statement while this lasts."""
        with connections[self.using].execute_wrapper(self):
            yield

    def check(self) -> None:
        """Ask now for the constraints that the database would check at commit.

        Raises:
            IntegrityError: one of them does not hold after what was written.
        """
        if not self.writes:
            return
        connection = connections[self.using]
        if connection.vendor == "sqlite":
            _SQLiteForeignKeys(connection).check(self.writes)
        elif connection.vendor == "postgresql":
            # One round trip; the second statement puts the constraints back.
            with connection.cursor() as cursor:
                cursor.execute(
                    "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
                )
        elif connection.features.can_defer_constraint_checks:
            connection.check_constraints()


class _SQLiteForeignKeys:
    """Checks the foreign keys of what was written, without a scan for plain writes.

    SQLite tells nobody of open violations before the commit, and its own
    `foreign_key_check` reads whole tables; so the values that the ORM's statements carry
    are looked up, and only a statement of another form costs the scan.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    @cached_property
    def relations(self) -> dict[str, list[tuple[str, str, str]]]:
        """Foreign keys by table: own column, other table, other column."""
        cached: dict[str, list[tuple[str, str, str]]] = {}
        for row in self._fetch(
            "SELECT m.name, f.\"from\", f.\"table\", f.\"to\" FROM sqlite_master m "
            "JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
        ):
            table, column, parent, parent_column = row
            cached.setdefault(table, []).append(
                (column, parent, parent_column or "rowid")
            )
        return cached

    def check(self, writes: Sequence[Write]) -> None:
        scanned: set[str] = set()
        for write in writes:
            table = write.table
            if table is None:
                self.connection.check_constraints()
                return
            if table not in scanned and not self._look_up(write, table):
                scanned.add(table)
                self._scan(table)

    def _look_up(self, write: Write, table: str) -> bool:
        """Check one statement by its values; False where it is of another form."""
        if write.many:
            return False
        if match := _INSERT.fullmatch(write.sql):
            columns = [name.strip(' "`') for name in match["columns"].split(",")]
            values = write.params
            if len(values) % len(columns):
                return False
            rows = range(0, len(values), len(columns))
            return all(
                self._check_row(
                    table, dict(zip(columns, values[at:], strict=False))
                )
                for at in rows
            )
        if match := _UPDATE.fullmatch(write.sql):
            return self._check_update(table, match["sets"], write.params)
        if _DELETE.fullmatch(write.sql):
            return self._check_parents(write, table)
        return False

    def _check_update(self, table: str, sets: str, params: Sequence[Any]) -> bool:
        clauses = re.findall(r'"([^"]+)" = (%s|NULL)(?:, |$)', sets)
        if sum(len(f'"{name}" = {value}') for name, value in clauses) + 2 * (
            len(clauses) - 1
        ) != len(sets):
            return False
        values = iter(params)
        row = {
            name: next(values) if value == "%s" else None for name, value in clauses
        }
        referenced = {
            to for keys in self.relations.values() for _, other, to in keys
            if other == table
        }
        return not referenced & row.keys() and self._check_row(table, row)

    def _check_row(self, table: str, row: dict[str, Any]) -> bool:
        for column, parent, parent_column in self.relations.get(table, ()):
            value = row.get(column)
            if value is not None and not self._fetch(
                f'SELECT 1 FROM "{parent}" WHERE "{parent_column}" = %s', value
            ):
                raise IntegrityError("FOREIGN KEY constraint failed")
        return True

    def _check_parents(self, write: Write, table: str) -> bool:
        changed = write.get_changed_keys()
        if changed is None:
            return False
        column, values = changed
        for child, keys in self.relations.items():
            for child_column, parent, parent_column in keys:
                if parent != table:
                    continue
                if parent_column != column:
                    return False
                marks = ", ".join(["%s"] * len(values))
                if self._fetch(
                    f'SELECT 1 FROM "{child}" WHERE "{child_column}" IN ({marks}) '
                    "LIMIT 1",
                    *values,
                ):
                    raise IntegrityError("FOREIGN KEY constraint failed")
        return True

    def _scan(self, table: str) -> None:
        children = [
            child
            for child, keys in self.relations.items()
            if any(parent == table for _, parent, _ in keys)
        ]
        self.connection.check_constraints(table_names=[table, *children])

    def _fetch(self, sql: str, *params: Any) -> list[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows: list[Any] = cursor.fetchall()
            return rows


def is_usable(using: str) -> bool:
    """Whether the connection can go on: open, and its transaction not given up."""
    connection = connections[using]
    return not (
        connection.connection is None
        or connection.closed_in_transaction
        or connection.needs_rollback
    )
