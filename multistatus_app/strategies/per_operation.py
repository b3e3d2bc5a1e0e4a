"""Each operation in its own savepoint, in order, each seeing the earlier ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack

from django.db import transaction

from multistatus_app.exceptions import DatabaseUnavailable
from multistatus_app.handlers import Handler
from multistatus_app.integrity import Constraints, is_usable
from multistatus_app.outcomes import Operation, Outcome
from multistatus_app.problems import ends_transaction


class _Undone(Exception):
    """An operation that failed without an exception: its savepoint must roll back."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class MarkedForRollback(RuntimeError):
    """A hook swallowed a database error: its transaction can no longer be kept."""


class PerOperation:
    """The strategy that is always right: a savepoint per operation."""

    def __init__(self, databases: Iterable[str]) -> None:
        """Take the databases that an operation has a savepoint on."""
        self.databases = tuple(databases)
        self._constraints = Constraints(self.databases)

    def run(
        self, operations: Iterable[Operation], handler: Handler
    ) -> Iterator[Outcome]:
        """Yield one outcome per operation, each with nothing left of what failed.

        Raises:
            DatabaseUnavailable: the transaction cannot go on.
        """
        for operation in operations:
            outcome = self._run_one(operation, handler)
            handler.finish(outcome)
            yield outcome

    def _run_one(self, operation: Operation, handler: Handler) -> Outcome:
        journal = handler.journal
        journal.writes.clear()
        try:
            with ExitStack() as savepoints:
                for alias in self.databases:
                    savepoints.enter_context(transaction.atomic(using=alias))
                outcome = handler.run(operation)
                if not outcome.ok:
                    raise _Undone(outcome)
                self._constraints.check(journal.writes)
                self._check_marks()
        except _Undone as undone:
            return undone.outcome
        except Exception as exc:
            # Outside the savepoint: explaining may ask the project's own handler.
            if ends_transaction(exc) or not all(map(is_usable, self.databases)):
                raise DatabaseUnavailable from exc
            return handler.explain(operation, exc)
        return outcome

    def _check_marks(self) -> None:
        """Refuse to call done what the savepoint is about to roll back."""
        for alias in self.databases:
            if transaction.get_rollback(using=alias):
                raise MarkedForRollback(
                    f"The transaction on {alias!r} was marked for rollback, so what "
                    f"the operation did cannot be kept."
                )
