"""The databases on which the operations of a request share a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, router, transaction
from django.db.models import QuerySet

from multistatus_app.requests.endpoints import get_model

_is_running: ContextVar[bool] = ContextVar("multistatus_batch", default=False)


def is_batch_running() -> bool:
    """Return True while a batch runs, so that reads use the database of its writes."""
    return _is_running.get()


@contextmanager
def running_batch() -> Iterator[None]:
    """Mark a batch as running inside this context."""
    token = _is_running.set(True)
    try:
        yield
    finally:
        _is_running.reset(token)


@contextmanager
def atomic(databases: Iterable[str]) -> Iterator[None]:
    """Open Django's `atomic` on each of these databases."""
    with ExitStack() as transactions:
        for alias in databases:
            transactions.enter_context(transaction.atomic(using=alias))
        yield


class WriteOutsideTransaction(RuntimeError):
    """A hook wrote to a database where the write could not be undone."""


def get_databases(view: Any, *, asks_hook: bool = False) -> tuple[str, ...]:
    """Return the aliases: that of the targets first, those with ATOMIC_REQUESTS last.

    The alias of the targets is that of `queryset`, or with `asks_hook` that of
    `get_queryset()`.

    Raises:
        Exception: whatever the hook raises.
    """
    queryset = _get_queryset(view) if asks_hook else getattr(view, "queryset", None)
    model = get_model(view) if queryset is None else queryset.model
    pinned = getattr(queryset, "_db", None)
    written = DEFAULT_DB_ALIAS if model is None else router.db_for_write(model)
    atomic = get_atomic_databases()
    return tuple(dict.fromkeys([pinned or written, written, *atomic]))


def get_atomic_databases() -> list[str]:
    """Return the databases on which each request has a transaction."""
    return [
        each.alias
        for each in connections.all()
        if each.settings_dict["ATOMIC_REQUESTS"]
    ]


def _get_queryset(view: Any) -> QuerySet[Any] | None:
    queryset = view.get_queryset()
    return queryset if isinstance(queryset, QuerySet) else None
