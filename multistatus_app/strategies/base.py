"""The transaction around a request, and the interface of what runs inside it.

`atomic=true` and `dry_run=true` are a policy of the transaction, not strategies.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Protocol

from django.db import Error as DatabaseException
from django.db import connections, transaction

from multistatus_app.exceptions import DatabaseUnavailable
from multistatus_app.handlers import Handler
from multistatus_app.outcomes import MultiStatus, Operation, Outcome, Problem

logger = logging.getLogger("multistatus_app")


class Strategy(Protocol):
    """Turns operations into outcomes, in order, inside an open transaction."""

    def run(
        self, operations: Iterable[Operation], handler: Handler
    ) -> Iterator[Outcome]:
        """Yield one outcome per operation, each with nothing left of what failed.

        Raises:
            DatabaseUnavailable: the transaction cannot go on.
        """


def execute(
    operations: Sequence[Operation],
    handler: Handler,
    *,
    strategy: Strategy,
    databases: Sequence[str],
    atomic: bool = False,
    dry_run: bool = False,
) -> MultiStatus:
    """Run operations in one transaction and return what became of them.

    Raises:
        DatabaseUnavailable: the database went away, or did not commit; nothing is kept.
    """
    try:
        with ExitStack() as stack:
            for alias in databases:
                stack.enter_context(transaction.atomic(using=alias))
            stack.enter_context(handler.journal.recording())
            outcomes = _run(operations, handler, strategy, atomic=atomic)
            failed = next((each for each in outcomes if not each.ok), None)
            undone = atomic and failed is not None
            for alias in databases:
                if dry_run or undone:
                    transaction.set_rollback(True, using=alias)
                else:
                    _make_callbacks_robust(alias)
    except (DatabaseException, DatabaseUnavailable) as exc:
        logger.exception("The database did not complete a bulk request.")
        raise DatabaseUnavailable from exc
    if undone and failed is not None:
        outcomes = [_undo(each, failed) for each in outcomes]
    elif dry_run:
        outcomes = [_unmake(each) for each in outcomes]
    return MultiStatus(
        outcomes=tuple(outcomes), committed=not dry_run and not undone
    )


def _run(
    operations: Sequence[Operation],
    handler: Handler,
    strategy: Strategy,
    *,
    atomic: bool,
) -> list[Outcome]:
    """Return the outcomes; after the first failure of an atomic request, none is run."""
    outcomes: list[Outcome] = []
    for outcome in strategy.run(operations, handler):
        outcomes.append(outcome)
        if atomic and not outcome.ok:
            outcomes += [
                _depend(operation, outcome, href=handler.get_href(operation))
                for operation in operations[len(outcomes) :]
            ]
            break
    return outcomes


def _depend(operation: Operation, failed: Outcome, *, href: str | None) -> Outcome:
    """Return the outcome of an operation that another one's failure undid."""
    problem = Problem(
        code="failed_dependency",
        detail=f"Operation {failed.operation.index} failed, and the request is atomic.",
    )
    return Outcome(operation=operation, status=424, href=href, problem=problem)


def _undo(outcome: Outcome, failed: Outcome) -> Outcome:
    if not outcome.ok:
        return outcome
    created = outcome.operation.method == "POST"
    return _depend(
        outcome.operation, failed, href=None if created else outcome.href
    )


def _unmake(outcome: Outcome) -> Outcome:
    """Return the outcome of a dry run: what it would have created has no path."""
    if outcome.ok and outcome.operation.method == "POST":
        return replace(outcome, href=None)
    return outcome


def _make_callbacks_robust(alias: str) -> None:
    """Keep one failing on_commit callback from swallowing those of other operations.

    They run after the commit, so none of them may turn the answer into an error; Django
    logs a robust one that fails. Singly, each would have had a request of its own.
    """
    connection = connections[alias]
    if len(connection.atomic_blocks) == 1:
        connection.run_on_commit = [
            (savepoints, function, True)
            for savepoints, function, _ in connection.run_on_commit
        ]
