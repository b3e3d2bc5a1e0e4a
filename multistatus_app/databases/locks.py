"""Rows selected for update, so that no one changes them after a comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.db import connections
from django.db.models import Model, QuerySet

from multistatus_app.databases.values import filter_in

MODES: Final = ("nowait", "wait")
"""Values of `bulk_lock` beside None: refuse a held row, or wait for it."""


def select_for_update(
    model: type[Model], keys: list[Any], using: str, *, mode: str
) -> None:
    """Select rows for update by primary key, in its order, from this table alone.

    Does nothing where the database has no row locks (SQLite locks the whole file).

    Raises:
        OperationalError: a row is held by another transaction (`mode` "nowait", or the
            database's own timeout).
    """
    features = connections[using].features
    if not features.has_select_for_update:
        return
    nowait = mode == "nowait" and features.has_select_for_update_nowait
    rows = model._base_manager.using(using).select_for_update(nowait=nowait)
    for found in _filter(rows, keys, using):
        list(found.values_list("pk"))


def get_locked(get_object: Callable[[], Any], mode: str | None) -> Any:
    """Return the object, selected for update if it is a row and there is a mode.

    It is read again then, as it may have changed, or been deleted, before the lock.
    """
    instance = get_object()
    if mode is None or not isinstance(instance, Model):
        return instance
    using: Any = instance._state.db
    select_for_update(type(instance), [instance.pk], using, mode=mode)
    return get_object()


def read_for_update(
    model: type[Model],
    keys: list[Any],
    names: Sequence[str],
    using: str,
    *,
    keeps_keys: bool,
) -> dict[Any, Sequence[Any]] | None:
    """Select rows for update as above, waiting. Return columns by primary key.

    None if the database has no row locks. With `keeps_keys` others may still refer to
    the rows, as with an UPDATE.

    Raises:
        OperationalError: a row is held by another transaction for too long.
    """
    features = connections[using].features
    if not features.has_select_for_update:
        return None
    no_key = keeps_keys and features.has_select_for_no_key_update
    rows = model._base_manager.using(using).select_for_update(no_key=no_key)
    return {
        key: values
        for found in _filter(rows, keys, using)
        for key, *values in found.values_list("pk", *names)
    }


def _filter(
    rows: QuerySet[Any], keys: list[Any], using: str
) -> Iterator[QuerySet[Any]]:
    """Yield the rows with these keys, in key order, in a few queries."""
    if len(keys) == 1:
        yield rows.filter(pk=keys[0])
        return
    for found in filter_in(rows, rows.model._meta.pk.attname, sorted(keys), using):
        yield found.order_by("pk")
