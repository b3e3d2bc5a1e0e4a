"""The targets of a batch, fetched in one query, and used while that cannot be told.

A target is handed out only if a query of its own would return the same: nothing that an
earlier operation wrote may be in it. Every doubt is a miss, and a miss is a query.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.db import connections, transaction
from django.db.models import Model, QuerySet
from rest_framework.request import Request, clone_request

from multistatus_app.integrity import Journal, Write

if TYPE_CHECKING:
    from multistatus_app.mixins import BulkModelMixin


class Targets:
    """The targets of one method's operations, by key."""

    def __init__(self, keys: Iterable[str], journal: Journal) -> None:
        """Take the keys that will be asked for."""
        self.keys = list(dict.fromkeys(keys))
        self.journal = journal
        self._instances: dict[Any, Any] | None = None
        self._field: Any = None
        self._keys: dict[Any, Any] = {}
        self._tables: frozenset[str] | None = frozenset()
        self._table = ""

    def get(self, view: BulkModelMixin, key: str) -> Any:
        """Return the target with this key, or None: fetch it."""
        if self._instances is None:
            self._instances = self._fetch(view)
        if not self._instances:
            return None
        try:
            return self._instances.get(self._field.to_python(key))
        except Exception:  # whatever a field's to_python raises for a hostile key
            return None

    def forget(self, key: str) -> None:
        """Drop a target that was handed out: it is not as it was fetched."""
        if self._instances:
            try:
                self._instances.pop(self._field.to_python(key), None)
            except Exception:  # as above
                return

    def note(self, writes: Iterable[Write], key: str | None) -> None:
        """Drop what the writes of an operation that succeeded may have changed."""
        if self._instances and not all(self._is_harmless(each) for each in writes):
            self._instances = {}

    def _is_harmless(self, write: Write) -> bool:
        """Whether no other target can look different after a write."""
        table = write.table
        if table is None or self._tables is None or table in self._tables:
            return False
        if table != self._table or write.sql.startswith("INSERT"):
            return True
        changed = write.get_changed_keys()
        return changed is not None and self._forget_rows(*changed)

    def _forget_rows(self, column: str, values: Iterable[Any]) -> bool:
        """Drop the rows that a statement picked by primary key; False if it did not."""
        field = self._field.model._meta.pk
        if column != field.column or self._instances is None:
            return False
        for value in values:
            try:
                key = self._keys.get(field.to_python(value))
            except Exception:  # whatever a field's to_python raises
                return False
            self._instances.pop(key, None)
        return True

    def _fetch(self, view: BulkModelMixin) -> dict[Any, Any]:
        queryset = _build_queryset(view, self.journal)
        if queryset is None:
            return {}
        field = _get_field(queryset.model, view.lookup_field)
        if field is None:
            return {}
        self._field = field
        self._table = queryset.model._meta.db_table
        values = list(_convert(field, self.keys, queryset.db))
        try:
            with transaction.atomic(using=queryset.db):
                self._tables = _get_tables(queryset)
                found = [
                    instance
                    for chunk in _chunk(values, queryset.db)
                    for instance in queryset.filter(**{f"{field.name}__in": chunk})
                ]
        except Exception:  # a queryset that cannot be filtered; its own query tells
            return {}
        instances = _index(found, field.attname)
        self._keys = {each.pk: key for key, each in instances.items()}
        return instances


class WatchedKwargs(dict[str, Any]):
    """The kwargs of a view, which tell whether anybody looked at the key."""

    def __init__(self, kwargs: dict[str, Any], key: str) -> None:
        """Watch one name of them."""
        super().__init__(kwargs)
        self.key = key
        self.was_read = False

    def __getitem__(self, name: str) -> Any:
        self.was_read |= name == self.key
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.was_read |= name == self.key
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, as a dict does."""
        self.was_read |= name == self.key
        return super().get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        """Take a value, as a dict does."""
        self.was_read |= name == self.key
        return super().pop(name, *default)

    def __iter__(self) -> Iterator[str]:
        self.was_read = True
        return super().__iter__()

    def items(self) -> Any:
        """Return the pairs, as a dict does."""
        self.was_read = True
        return super().items()

    def values(self) -> Any:
        """Return the values, as a dict does."""
        self.was_read = True
        return super().values()

    def keys(self) -> Any:
        """Return the names, as a dict does; `**kwargs` asks for them too."""
        self.was_read = True
        return super().keys()

    def copy(self) -> dict[str, Any]:
        """Return a copy, which nobody watches."""
        self.was_read = True
        return super().copy()


def _build_queryset(view: BulkModelMixin, journal: Journal) -> QuerySet[Model] | None:
    """Return the queryset that all operations of this method share.

    None where it is not one: its hooks look at the key, at the data, or at the database.
    """
    request, kwargs = view.request, view.kwargs
    watched = WatchedKwargs(kwargs, view.lookup_url_kwarg or view.lookup_field)
    probe = _get_probe(request)
    statements = journal.statements
    view.request, view.kwargs = probe, watched
    try:
        queryset = view.filter_queryset(view.get_queryset())
    except Exception:  # it will be raised again where it belongs
        return None
    finally:
        view.request, view.kwargs = request, kwargs
    looked = watched.was_read or "data" in vars(probe) or _was_parsed(probe)
    if looked or journal.statements != statements or not _is_queryset(queryset):
        return None
    return queryset


def _get_probe(request: Request) -> Request:
    """Return a copy of the request that tells whether anybody looked at its data."""
    probe = clone_request(request, request.method or "")
    vars(probe).update(vars(request))
    blank = Request(request._request)
    probe._data, probe._full_data = blank._data, blank._full_data
    probe._stream = None
    return probe


def _was_parsed(probe: Request) -> bool:
    return probe._full_data is not Request(probe._request)._full_data


def _is_queryset(value: Any) -> bool:
    return (
        isinstance(value, QuerySet)
        and not value.query.is_sliced
        and not value.query.combinator
        and not value.query.distinct_fields
    )


def _get_field(model: type[Model], lookup_field: str) -> Any:
    """Return the model field of a plain lookup, or None."""
    try:
        field = (
            model._meta.pk
            if lookup_field == "pk"
            else model._meta.get_field(lookup_field)
        )
    except FieldDoesNotExist:
        return None
    plain = field is not None and getattr(field, "concrete", False)
    return field if plain and not field.is_relation else None


def _convert(field: Any, keys: Iterable[str], using: str) -> Iterator[Any]:
    """Return the keys as values of the field; what is none has no target."""
    kind = field.get_internal_type()
    low, high = (
        connections[using].ops.integer_field_range(kind)
        if kind.endswith(("IntegerField", "AutoField"))
        else (None, None)
    )
    for key in keys:
        try:
            value = field.to_python(key)
        except Exception:  # whatever a field's to_python raises for a hostile key
            continue
        if isinstance(value, str) and ("\0" in value or not value.isprintable()):
            continue
        if isinstance(value, int) and not (
            (low is None or low <= value) and (high is None or value <= high)
        ):
            continue
        yield value


def _chunk(values: list[Any], using: str) -> Iterator[list[Any]]:
    """Split the values by how many one statement of this database may carry."""
    connection = connections[using]
    size = connection.features.max_query_params or len(values) or 1
    if connection.vendor == "sqlite":
        # Django names the limit of the oldest SQLite; the library knows its own.
        size = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _index(instances: Iterable[Any], name: str) -> dict[Any, Any]:
    """Return the instances by key, without those that share one."""
    found: dict[Any, Any] = {}
    twice: set[Any] = set()
    for instance in instances:
        key = getattr(instance, name)
        if key in found:
            twice.add(key)
        found[key] = instance
    return {key: each for key, each in found.items() if key not in twice}


def _get_tables(queryset: QuerySet[Model]) -> frozenset[str] | None:
    """Return the tables, beside the model's own, that a target is read from.

    None where they cannot be told: prefetches, subqueries, the own table twice.
    """
    if queryset._prefetch_related_lookups:
        return None
    sql = str(queryset.query)
    own = queryset.model._meta.db_table
    tables = re.findall(r'(?:FROM|JOIN) ["`]([^"`]+)["`]', sql)
    if tables.count(own) != 1 or sql.count("SELECT") != 1:
        return None
    return frozenset(tables) - {own}
