"""SQLite's foreign keys, checked before the commit.

SQLite does not report open violations, and its own check reads whole tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

from django.db import IntegrityError

from multistatus_app.databases.statements import AnyWrite

# Values in one statement. Every SQLite accepts this many.
_CHUNK: Final = 999


class _ForeignKey(NamedTuple):
    table: str
    column: str
    parent: str
    parent_column: str


class SQLiteForeignKeys:
    """Checks the foreign keys of writes, without a scan for plain ones.

    SQLite does not report open violations before the commit, and its own
    `foreign_key_check` reads whole tables. So the values in the ORM's statements are
    looked up. Only writes that this does not clear need the scan.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._own: dict[str, list[_ForeignKey]] = {}

    @cached_property
    def keys(self) -> list[_ForeignKey]:
        """The foreign keys of the schema. One without a column refers to the rowid."""
        rows = self._fetch(
            'SELECT m.name, k."from", k."table", coalesce(k."to", \'rowid\') '
            "FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) k "
            "WHERE m.type = 'table'"
        )
        return [_ForeignKey(*row) for row in rows]

    def _get_own(self, table: str) -> list[_ForeignKey]:
        """Return the foreign keys of one table, which costs less than all."""
        if table not in self._own:
            rows = self._fetch(
                'SELECT %s, "from", "table", coalesce("to", \'rowid\') '
                "FROM pragma_foreign_key_list(%s)",
                table,
                table,
            )
            self._own[table] = [_ForeignKey(*row) for row in rows]
        return self._own[table]

    def check(self, writes: Sequence[AnyWrite]) -> None:
        """Clear each write, or scan the tables it may have broken."""
        doubted = {write.table for write in writes if not self._is_clear(write)}
        if not doubted:
            return
        children = {key.table for key in self.keys if key.parent in doubted}
        tables = None if None in doubted else sorted(map(str, doubted | children))
        try:
            self.connection.check_constraints(table_names=tables)
        except IntegrityError as exc:
            # Django names the row, but SQLite would have named the kind of constraint.
            raise IntegrityError("FOREIGN KEY constraint failed") from exc

    def _is_clear(self, write: AnyWrite) -> bool:
        table = write.table
        if table is None:
            return False
        if write.is_delete:
            return self._has_no_children(write, table)
        if not write.is_insert and any(
            write.writes(key.parent_column) for key in self._get_children(table)
        ):
            return False
        return all(
            self._has_parents(key, write.get_values(key.column))
            for key in self._get_own(table)
        )

    def _has_parents(self, key: _ForeignKey, values: set[Any] | None) -> bool:
        if values is None:
            return False
        values.discard(None)
        return values == set(self._select(key.parent, key.parent_column, values))

    def _has_no_children(self, write: AnyWrite, table: str) -> bool:
        if not self._get_children(table):
            return True
        picked = write.get_keys()
        if picked is None:
            return False
        column, values = picked
        return all(
            key.parent_column == column
            and not any(self._select(key.table, key.column, values))
            for key in self._get_children(table)
        )

    def _select(self, table: str, column: str, values: Iterable[Any]) -> Iterator[Any]:
        """Yield the values that a column has."""
        asked = list(values)
        for start in range(0, len(asked), _CHUNK):
            chunk = asked[start : start + _CHUNK]
            marks = ", ".join(["%s"] * len(chunk))
            for (value,) in self._fetch(
                f'SELECT DISTINCT "{column}" FROM "{table}" '
                f'WHERE "{column}" IN ({marks})',
                *chunk,
            ):
                yield value

    def _get_children(self, table: str) -> list[_ForeignKey]:
        return [key for key in self.keys if key.parent == table]

    def _fetch(self, sql: str, *params: Any) -> list[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows: list[Any] = cursor.fetchall()
            return rows
