"""Rows that a batch will ask for, fetched in one query, and kept while that is true.

A row is handed out only if a query of its own would return the same: nothing that an
earlier operation wrote may be in it. Every doubt is a miss, and a miss is a query.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db import connections, transaction
from django.db.models import Model, QuerySet

from multistatus_app.databases.statements import AnyWrite, StatementLog
from multistatus_app.databases.values import filter_in

# Columns whose equality in Python is that of the database.
_EXACT_TEXT: Final = frozenset({"CharField", "SlugField", "TextField"})
INTEGERS: Final = frozenset(
    {
        "AutoField",
        "BigAutoField",
        "BigIntegerField",
        "IntegerField",
        "PositiveBigIntegerField",
        "PositiveIntegerField",
        "PositiveSmallIntegerField",
        "SmallAutoField",
        "SmallIntegerField",
    }
)
"""The internal types of columns that hold integers."""
_EXACT: Final = INTEGERS | {"UUIDField"}


class Rows:
    """The rows of a queryset by the values of one field."""

    def __init__(
        self,
        queryset: QuerySet[Any],
        field: Any,
        values: Iterable[Any],
        statement_log: StatementLog,
        *,
        joined: Iterable[str] = (),
    ) -> None:
        """Fetch the rows with these values of a field, given as a client sent them.

        The queryset is one that `querysets` knows. `joined` are the tables whose rows
        are fetched beside its own."""
        self.field = field
        self.statement_log = statement_log
        self._model = queryset.model
        self._joined = frozenset(joined)
        self._found: dict[Any, Any] = {}
        self._missing: set[Any] = set()
        self._fetch(queryset, values)
        self._keys = {each.pk: key for key, each in self._found.items()}

    def get(self, value: Any) -> Any:
        """Return the row with this value, or None: ask the database."""
        if not self._found or self.statement_log.writes:
            return None
        key = convert(self.field, value)
        return None if key is None else self._found.get(key)

    def get_all(self) -> list[Any]:
        """List the rows that were found."""
        return list(self._found.values())

    def is_missing(self, value: Any) -> bool:
        """Whether the database has no row with this value; False where in doubt."""
        return (
            bool(self._missing)
            and not self.statement_log.writes
            and convert(self.field, value) in self._missing
        )

    def forget(self, value: Any) -> None:
        """Drop a row that is no longer as it was fetched."""
        self._found.pop(convert(self.field, value), None)

    def note(self, writes: Iterable[AnyWrite]) -> None:
        """Drop what the writes of an operation that succeeded may have changed.

        After any of them, what was missing may be there.
        """
        for write in writes:
            self._missing = set()
            if self._found and not self._is_harmless(write):
                self._found = {}

    def _is_harmless(self, write: AnyWrite) -> bool:
        """Whether no row can look different after a write, but those now dropped."""
        if write.table is None or write.table in self._joined:
            return False
        if write.table != self._model._meta.db_table or write.is_insert:
            # A new row is a miss: whoever looks for it asks the database.
            return True
        changed = write.get_keys()
        if changed is None or changed[0] != self._model._meta.pk.column:
            return False
        for value in changed[1]:
            self._found.pop(self._keys.get(convert(self._model._meta.pk, value)), None)
        return True

    def _select(self, queryset: QuerySet[Any], values: list[Any]) -> Iterator[Any]:
        for found in filter_in(queryset, self.field.attname, values, queryset.db):
            yield from found

    def _fetch(self, queryset: QuerySet[Any], values: Iterable[Any]) -> None:
        using = queryset.db
        wanted = list(convert_all(self.field, values, using))
        try:
            with transaction.atomic(using=using):
                found = list(self._select(queryset, wanted))
                self._found = _index(found, self.field.attname)
                if is_exact(self.field, using):
                    there = {vars(row)[self.field.attname] for row in found}
                    self._missing = set(wanted) - there
        except Exception:  # a queryset that cannot be filtered: its own query tells
            return


def get_plain_field(model: type[Model], name: str) -> Any:
    """Return the model field of a plain lookup, or None where it is not plain."""
    try:
        field: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if field.concrete and not field.is_relation else None


def get_column(model: type[Model], name: str) -> Any:
    """Return the model field with a column that a name stands for, or None."""
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if field.concrete and not field.many_to_many else None


def get_values(row: Any, columns: Iterable[Any]) -> tuple[Any, ...]:
    """Return the values of a row in some columns."""
    return tuple(getattr(row, column.attname) for column in columns)


def is_exact(column: Any, using: str) -> bool:
    """Whether two values are equal in Python exactly if they are in the database.

    Text is not where a collation of its own, or MySQL's default, compares it.
    """
    if not type(column).__module__.startswith("django.db.models."):
        return False
    if column.remote_field:
        return is_exact(column.target_field, using)
    kind = column.get_internal_type()
    if kind in _EXACT:
        return True
    return (
        is_text(column)
        and column.db_collation is None
        and connections[using].vendor in ("postgresql", "sqlite")
    )


def is_text(column: Any) -> bool:
    """Whether a column holds text that is compared as such."""
    return column.get_internal_type() in _EXACT_TEXT


def convert(field: Any, value: Any) -> Any:
    """Return a client's value as one of the field; None where that is in doubt."""
    if field.remote_field:
        field = field.target_field
    try:
        converted = field.to_python(value)
        hash(converted)
    except Exception:  # whatever a field's to_python raises for a hostile value
        return None
    return converted


def convert_all(field: Any, values: Iterable[Any], using: str) -> Iterator[Any]:
    """Return values as the field has them, without those that no column holds."""
    if field.remote_field:
        field = field.target_field
    kind = field.get_internal_type()
    low, high = (
        connections[using].ops.integer_field_range(kind)
        if kind.endswith(("IntegerField", "AutoField"))
        else (None, None)
    )
    seen = set()
    for value in values:
        converted = convert(field, value)
        if converted is None or converted in seen:
            continue
        seen.add(converted)
        if isinstance(converted, str) and not converted.isprintable():
            continue  # NUL and lone surrogates are errors of the drivers
        if isinstance(converted, int) and not (
            (low is None or low <= converted) and (high is None or converted <= high)
        ):
            continue
        yield converted


def chunk_values(values: list[Any], using: str) -> Iterator[list[Any]]:
    """Split values by how many one statement of this database may carry."""
    connection = connections[using]
    size = connection.features.max_query_params or len(values) or 1
    if connection.vendor == "sqlite":
        # Django names the limit of the oldest SQLite; the library knows its own.
        connection.ensure_connection()
        size = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _index(rows: Iterable[Any], name: str) -> dict[Any, Any]:
    """Return the rows by key, without those that share one.

    Raises:
        LookupError, TypeError: a row comes without its key, deferred or as a dict.
    """
    found: dict[Any, Any] = {}
    twice: set[Any] = set()
    for row in rows:
        key = vars(row)[name]
        if key in found:
            twice.add(key)
        found[key] = row
    return {key: each for key, each in found.items() if key not in twice}
