"""Writes that may yet be rolled back, for receivers of `undone`."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from django.db import Error as DatabaseException
from django.db import connections
from django.db.models import Model

from multistatus_app.databases.aliases import atomic
from multistatus_app.handlers.reports import strip_values
from multistatus_app.outcomes import Operation
from multistatus_app.signals import send_undone, undone

logger: Final = logging.getLogger("multistatus_app")


class _Trace(NamedTuple):
    operation: Operation
    instance: Model | None
    key: Any


class Traces:
    """The operations of one transaction that have written, with their instances.

    Nothing is recorded if `undone` has no receivers.
    """

    def __init__(self, viewset: type) -> None:
        self._viewset = viewset
        self._is_heard = undone.has_listeners(viewset)
        self._left: dict[int, _Trace] = {}

    def note(
        self, operation: Operation, instance: Any = None, *, key: Any = None
    ) -> None:
        """Record that an operation writes. `key` is that of a deleted instance."""
        if not self._is_heard:
            return
        row = instance if isinstance(instance, Model) else None
        if row is not None and _has_key(row):
            key = row.pk
        self._left[operation.index] = _Trace(operation, row, key)

    def __contains__(self, index: int) -> bool:
        return index in self._left

    def forget(self, *operations: Operation) -> None:
        """Drop operations with nothing left to roll back."""
        for each in operations:
            self._left.pop(each.index, None)

    def tell(self, *operations: Operation, databases: Collection[str]) -> None:
        """Send `undone` for those of these operations that have written.

        Call it after the databases are rolled back, as receivers may query them.
        """
        found = [
            self._left.pop(each.index)
            for each in operations
            if each.index in self._left
        ]
        if not found or not databases:
            return
        with _shielding(databases):
            send_undone(
                self._viewset,
                databases=sorted(databases),
                operations=[each.operation for each in found],
                instances=list(_restore(found)),
            )

    def tell_all(self, databases: Collection[str]) -> None:
        """Send `undone` for all operations that have written."""
        operations = [each.operation for each in self._left.values()]
        self.tell(*operations, databases=databases)


def _restore(found: Sequence[_Trace]) -> Iterator[Model]:
    """Yield the instances, with the keys that a deletion has removed."""
    for each in found:
        if each.instance is None:
            continue
        if not _has_key(each.instance):
            if each.key is None:
                continue  # it was never in the database
            each.instance.pk = each.key
        yield each.instance


def _has_key(instance: Model) -> bool:
    key = instance.pk
    return None not in (key if isinstance(key, tuple) else (key,))


@contextmanager
def _shielding(databases: Collection[str]) -> Iterator[None]:
    """Keep a receiver's database error from ending the transaction."""
    try:
        with atomic(each for each in databases if connections[each].in_atomic_block):
            yield
    except DatabaseException as exc:
        logger.error(
            "A receiver of undone has left the database in an error.",
            exc_info=strip_values(exc),
        )
