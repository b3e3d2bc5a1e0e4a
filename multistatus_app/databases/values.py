"""Rows selected by many values, in one parameter if the database can.

Django compiles and binds `IN` value by value. For a thousand values that takes longer
than the query.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, Final

from django.db import connections
from django.db.models import F, Lookup, QuerySet

# SQLite's JSON functions are built in since this version.
_HAS_JSON: Final = sqlite3.sqlite_version_info >= (3, 38)


class InValues(Lookup):
    """A column that has one of the values of a list."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Return `IN` with a parameter for each value."""
        lhs, params = self.process_lhs(compiler, connection)
        values = self._prepare(connection)
        marks = ", ".join(["%s"] * len(values))
        return f"{lhs} IN ({marks})", (*params, *values)

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """Return a comparison with one array."""
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} = ANY(%s)", (*params, self._prepare(connection))

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        """Return a comparison with the values of one JSON array."""
        if not _HAS_JSON:
            return self.as_sql(compiler, connection)
        lhs, params = self.process_lhs(compiler, connection)
        values = json.dumps(self._prepare(connection))
        listed = "(SELECT value FROM json_each(%s))"
        return f"{lhs} IN {listed}", (*params, values)

    def _prepare(self, connection: Any) -> list[Any]:
        field = self.lhs.output_field
        if field.remote_field:
            field = field.target_field
        return [
            value
            if type(value) is int
            else field.get_db_prep_value(value, connection, prepared=False)
            for value in self.rhs
        ]


def filter_in(
    queryset: QuerySet[Any], name: str, values: list[Any], using: str
) -> Iterator[QuerySet[Any]]:
    """Yield querysets that together have the rows with one of the values.

    The values are integers, text or UUIDs. `name` is that of a column's field.
    """
    for chunk in _split(values, using):
        yield queryset.filter(InValues(F(name), chunk))


def _split(values: list[Any], using: str) -> Iterator[list[Any]]:
    """Split values into chunks that one statement of this database accepts."""
    connection = connections[using]
    size = max(len(values), 1)
    if connection.vendor == "sqlite" and not _HAS_JSON:
        # Django has the limit of the oldest SQLite. The library has its own.
        connection.ensure_connection()
        size = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    elif connection.vendor != "postgresql":
        size = connection.features.max_query_params or size
    for start in range(0, len(values), size):
        yield values[start : start + size]
