"""Rows that a batch will ask for, fetched in one query, and kept while that is true.

A row is handed out only if a query of its own would return the same: nothing that an
earlier operation wrote may be in it. Every doubt is a miss, and a miss is a query.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db import connections, transaction
from django.db.models import Model, QuerySet

from multistatus_app.journals import Journal, Write
from multistatus_app.locks import select_for_update

# Columns whose equality in Python is that of the database.
_EXACT_TEXT: Final = frozenset({"CharField", "SlugField", "TextField"})
_EXACT: Final = frozenset(
    {
        "AutoField",
        "BigAutoField",
        "BigIntegerField",
        "IntegerField",
        "PositiveBigIntegerField",
        "PositiveIntegerField",
        "PositiveSmallIntegerField",
        "SmallIntegerField",
        "UUIDField",
    }
)


class Rows:
    """The rows of a queryset by the values of one field."""

    def __init__(
        self,
        queryset: QuerySet[Any],
        field: Any,
        values: Iterable[Any],
        journal: Journal,
        *,
        lock: str | None = None,
    ) -> None:
        """Fetch the rows with these values of a field, given as a client sent them.

        With `lock` they are selected for update; if one of them is held, none is here.
        """
        self._lock = lock
        self.field = field
        self.journal = journal
        self._model = queryset.model
        self._found: dict[Any, Any] = {}
        self._tables: frozenset[str] | None = None
        self._fetch(queryset, values)
        self._keys = {each.pk: key for key, each in self._found.items()}

    def get(self, value: Any) -> Any:
        """Return the row with this value, or None: ask the database."""
        if not self._found or self.journal.writes:
            return None
        key = convert(self.field, value)
        return None if key is None else self._found.get(key)

    def forget(self, value: Any) -> None:
        """Drop a row that is no longer as it was fetched."""
        self._found.pop(convert(self.field, value), None)

    def note(self, writes: Iterable[Write]) -> None:
        """Drop what the writes of an operation that succeeded may have changed."""
        if self._found and not all(self._is_harmless(each) for each in writes):
            self._found = {}

    def _is_harmless(self, write: Write) -> bool:
        """Whether no row can look different after a write, but those now dropped."""
        table = write.table
        if table is None or self._tables is None or table in self._tables:
            return False
        if table != self._model._meta.db_table or write.is_insert:
            # A new row is a miss: whoever looks for it asks the database.
            return True
        changed = write.get_keys()
        if changed is None or changed[0] != self._model._meta.pk.column:
            return False
        for value in changed[1]:
            self._found.pop(self._keys.get(convert(self._model._meta.pk, value)), None)
        return True

    def _select(self, queryset: QuerySet[Any], values: list[Any]) -> Iterator[Any]:
        for chunk in chunk_values(values, queryset.db):
            yield from queryset.filter(**{f"{self.field.name}__in": chunk})

    def _fetch(self, queryset: QuerySet[Any], values: Iterable[Any]) -> None:
        using = queryset.db
        wanted = list(convert_all(self.field, values, using))
        try:
            with transaction.atomic(using=using):
                self._tables = _get_tables(queryset)
                found = list(self._select(queryset, wanted))
                if self._lock is not None:
                    keys = [row.pk for row in found]
                    select_for_update(self._model, keys, using, mode=self._lock)
                    # They may have changed, or gone, before they were ours.
                    found = list(self._select(queryset, wanted))
                self._found = _index(found, self.field.attname)
        except Exception:  # a queryset that cannot be filtered: its own query tells
            return


def get_plain_field(model: type[Model], name: str) -> Any:
    """Return the model field of a plain lookup, or None where it is not plain."""
    try:
        field: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if field.concrete and not field.is_relation else None


def is_exact(column: Any, using: str) -> bool:
    """Whether two values are equal in Python exactly if they are in the database.

    Text is not where a collation of its own, or MySQL's default, compares it.
    """
    if not type(column).__module__.startswith("django.db.models."):
        return False
    kind = column.get_internal_type()
    if kind in _EXACT:
        return True
    return (
        kind in _EXACT_TEXT
        and column.db_collation is None
        and connections[using].vendor in ("postgresql", "sqlite")
    )


def convert(field: Any, value: Any) -> Any:
    """Return a client's value as one of the field; None where that is in doubt."""
    try:
        converted = field.to_python(value)
        hash(converted)
    except Exception:  # whatever a field's to_python raises for a hostile value
        return None
    return converted


def convert_all(field: Any, values: Iterable[Any], using: str) -> Iterator[Any]:
    """Return values as the field has them, without those that no column holds."""
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


def is_plain(queryset: Any) -> bool:
    """Whether a queryset can be filtered further with the same meaning."""
    return (
        isinstance(queryset, QuerySet)
        and not queryset.query.is_sliced
        and not queryset.query.combinator
        and not queryset.query.distinct_fields
        # Locks end with the savepoint of the operation that fetched.
        and not queryset.query.select_for_update
        and not any(
            getattr(each, "contains_over_clause", False)
            for each in queryset.query.annotations.values()
        )
    )


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


def _get_tables(queryset: QuerySet[Any]) -> frozenset[str] | None:
    """Return the tables, beside the model's own, that a row is read from.

    None where they cannot be told: prefetches, subqueries, the own table twice, views.
    """
    if queryset._prefetch_related_lookups:  # type: ignore[attr-defined]  # not in stubs
        return None
    if not queryset.model._meta.managed:
        return None
    sql = str(queryset.query)
    own = queryset.model._meta.db_table
    tables = re.findall(r'(?:FROM|JOIN) ["`]([^"`]+)["`]', sql)
    if tables.count(own) != 1 or sql.upper().count("SELECT") != 1:
        return None
    return frozenset(tables) - {own}
