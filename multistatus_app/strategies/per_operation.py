"""A savepoint for each operation. Each operation sees the earlier ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from multistatus_app.databases.constraints import (
    DeferredConstraints,
    is_lost,
    is_usable,
)
from multistatus_app.exceptions import DatabaseUnavailable
from multistatus_app.handlers import Handler
from multistatus_app.outcomes import Operation, Outcome
from multistatus_app.problems import ends_transaction
from multistatus_app.strategies.savepoints import Savepoints, check_unmarked


class PerOperation:
    """The strategy that is always correct: a savepoint for each operation."""

    def __init__(self, databases: Iterable[str]) -> None:
        """Take the databases for the savepoints."""
        self.databases = tuple(databases)
        self._constraints = DeferredConstraints(self.databases)

    def run(
        self, operations: Iterable[Operation], handler: Handler
    ) -> Iterator[Outcome]:
        """Yield one outcome per operation."""
        for operation in operations:
            outcome = self._run_one(operation, handler)
            handler.finish(outcome)
            yield outcome

    def _run_one(self, operation: Operation, handler: Handler) -> Outcome:
        statement_log = handler.statement_log
        statement_log.writes.clear()
        is_whole = handler.is_alone and handler.is_plain
        savepoints = Savepoints(self.databases, statement_log, is_whole=is_whole)
        try:
            with savepoints:
                outcome = self._run_inside(operation, handler, savepoints)
                if outcome.ok:
                    self._constraints.check(statement_log.writes, is_last=is_whole)
                    check_unmarked(self.databases)
                else:
                    savepoints.fail(self._constraints)
        except DatabaseUnavailable:
            raise
        except Exception as exc:
            if ends_transaction(exc) or self._is_over(is_whole=is_whole):
                raise DatabaseUnavailable from exc
            savepoints.lose_all()
            outcome = handler.explain(operation, exc)
        if not is_whole:
            if not all(map(is_usable, self.databases)):
                raise DatabaseUnavailable  # its savepoint could not be rolled back
            handler.tell_undone(operation, savepoints.take_lost())
        return outcome

    def _run_inside(
        self, operation: Operation, handler: Handler, savepoints: Savepoints
    ) -> Outcome:
        """Run an operation. If it raises after it was undone, later writes are kept."""

        def undo() -> None:
            # At once, as the project's handler may read a cache.
            savepoints.roll_back()
            handler.tell_undone(operation, savepoints.take_lost())

        try:
            return handler.run(operation, undo=undo)
        except Exception as exc:
            if not savepoints.is_undone or ends_transaction(exc):
                raise
            savepoints.doom()
            return handler.explain(operation, exc)

    def _is_over(self, *, is_whole: bool) -> bool:
        """Return True if the transaction cannot go on after an exception."""
        if is_whole:
            return any(map(is_lost, self.databases))
        return not all(map(is_usable, self.databases))
