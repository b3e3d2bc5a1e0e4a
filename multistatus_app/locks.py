"""Rows selected for update, so that what is compared is what is changed."""

from __future__ import annotations

from typing import Any, Final

from django.db import connections
from django.db.models import Model

MODES: Final = ("nowait", "wait")
"""What `bulk_lock` takes beside None: refuse a row that is held, or wait for it."""


def select_for_update(
    model: type[Model], keys: list[Any], using: str, *, mode: str
) -> None:
    """Select rows for update by primary key, in its order, through no other table.

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
    list(rows.filter(pk__in=keys).order_by("pk").values_list("pk"))
