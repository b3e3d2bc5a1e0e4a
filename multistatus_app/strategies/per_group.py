"""A savepoint for each group of operations. A group with a failure is replayed.

Hooks must touch nothing outside the database: those of a replayed group run twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from django.db import Error as DatabaseException
from django.db import connections, transaction

from multistatus_app.databases.aliases import atomic
from multistatus_app.databases.constraints import DeferredConstraints
from multistatus_app.databases.statements import AnyWrite
from multistatus_app.exceptions import DatabaseUnavailable
from multistatus_app.handlers import Handler
from multistatus_app.outcomes import Operation, Outcome
from multistatus_app.problems import is_expected
from multistatus_app.strategies.per_operation import PerOperation
from multistatus_app.strategies.savepoints import check_usable

GROUP_SIZE: Final = 50
"""Fewer than the 64 subtransactions that PostgreSQL caches for a connection."""


class _Replay(Exception):
    """The group must be rolled back and run singly."""


class PerGroup:
    """The strategy for `bulk_replayable`: fewer savepoints, the same outcomes."""

    def __init__(self, databases: Iterable[str], *, size: int = GROUP_SIZE) -> None:
        """Take the databases for the savepoints, and the size of a group."""
        self.databases = tuple(databases)
        self.size = size
        self._constraints = DeferredConstraints(self.databases)
        self._singly = PerOperation(self.databases)

    def run(
        self, operations: Iterable[Operation], handler: Handler
    ) -> Iterator[Outcome]:
        """Yield one outcome per operation."""
        pending = iter(operations)
        while group := list(islice(pending, self.size)):
            try:
                outcomes: Iterable[Outcome] = self._run_together(group, handler)
            except _Replay:
                handler.traces.tell(*group, databases=self.databases)
                handler.forget_all()
                outcomes = self._singly.run(group, handler)
            yield from outcomes

    def _run_together(
        self, group: Sequence[Operation], handler: Handler
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        writes: list[AnyWrite] = []
        try:
            with atomic(self.databases):
                for operation in group:
                    outcomes.append(self._run_one(operation, handler))
                    writes += handler.statement_log.writes
                self._constraints.check(writes)
                if any(map(transaction.get_rollback, self.databases)):
                    raise _Replay
        except (_Replay, DatabaseUnavailable):
            raise
        except DatabaseException as exc:
            check_usable(self.databases, exc)
            raise _Replay from exc
        return outcomes

    def _run_one(self, operation: Operation, handler: Handler) -> Outcome:
        """Run one operation. A failure must have left nothing to undo."""
        handler.statement_log.writes.clear()
        callbacks = self._count_callbacks()
        traces = []

        def undo() -> None:
            # Writes of one operation cannot be undone alone, so the group is replayed.
            # The project's handler is called again then.
            if self._has_traces(handler, callbacks):
                traces.append(operation)

        try:
            outcome = handler.run(operation, undo=undo)
        except (DatabaseException, DatabaseUnavailable):
            raise
        except Exception as exc:
            # Unexpected errors are announced once, by the replay.
            if self._has_traces(handler, callbacks) or not is_expected(exc):
                raise _Replay from exc
            outcome = handler.explain(operation, exc)
        if traces or (not outcome.ok and self._has_traces(handler, callbacks)):
            raise _Replay
        handler.finish(outcome)
        return outcome

    def _has_traces(self, handler: Handler, callbacks: int) -> bool:
        return (
            bool(handler.statement_log.writes)
            or self._count_callbacks() != callbacks
            or any(map(transaction.get_rollback, self.databases))
        )

    def _count_callbacks(self) -> int:
        found: list[Any] = [connections[alias] for alias in self.databases]
        return sum(len(connection.run_on_commit) for connection in found)
