"""Runs each operation without a transaction of ours, as a single request has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import connections, transaction

from multistatus_app.databases.aliases import atomic
from multistatus_app.exceptions import DatabaseUnavailable
from multistatus_app.handlers import Handler
from multistatus_app.outcomes import Operation, Outcome
from multistatus_app.strategies.refusals import refuse
from multistatus_app.strategies.savepoints import check_unmarked


class Alone:
    """The strategy for `bulk_commit_every = 1`: no savepoint of ours undoes a failure.

    There is a transaction if ATOMIC_REQUESTS is on, or if a row is to be locked: the
    row must stay locked until it is changed.
    """

    def __init__(self, databases: Iterable[str]) -> None:
        """`databases` are those that are written to."""
        self.databases = tuple(databases)

    def run(
        self, operations: Iterable[Operation], handler: Handler
    ) -> Iterator[Outcome]:
        """Yield one outcome per operation."""
        for operation in operations:
            handler.statement_log.writes.clear()
            outcome = self._run_one(operation, handler)
            handler.finish(outcome)
            yield outcome

    def _run_one(self, operation: Operation, handler: Handler) -> Outcome:
        databases = self._get_atomic(operation, handler)
        lost = set(databases)
        try:
            with atomic(databases):
                outcome = handler.run(operation)
                if outcome.ok:
                    check_unmarked(databases)
                doomed = set(filter(transaction.get_rollback, databases))
            lost = doomed
        except DatabaseUnavailable as exc:
            outcome = refuse(operation, exc, handler)
        except Exception as exc:
            outcome = handler.explain(operation, exc)
        lost &= {each.using for each in handler.statement_log.writes}
        handler.tell_undone(operation, lost)
        handler.traces.forget(operation)
        return outcome

    def _get_atomic(self, operation: Operation, handler: Handler) -> list[str]:
        locks = operation.if_match or getattr(handler.viewset, "bulk_lock", None)
        route = handler.paths.get_route(operation.method or "")
        freed = getattr(route and route.callback, "_non_atomic_requests", ())
        return [
            alias
            for alias in self.databases
            if locks
            or (
                connections[alias].settings_dict["ATOMIC_REQUESTS"]
                and alias not in freed
            )
        ]
