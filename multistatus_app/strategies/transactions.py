"""The transaction around a request: one, or one after each so many operations.

`atomic=true`, `dry_run=true` and the viewset's own wishes are a policy of the
transaction, not strategies: any strategy runs inside.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import Error as DatabaseException
from django.db import connections, transaction

from multistatus_app.exceptions import DatabaseUnavailable
from multistatus_app.handlers import Handler
from multistatus_app.integrity import is_usable
from multistatus_app.outcomes import MultiStatus, Operation, Outcome, Problem
from multistatus_app.problems import ends_transaction
from multistatus_app.strategies.base import Strategy

logger = logging.getLogger("multistatus_app")

RETRY_AFTER: Final = 1
"""Seconds after which an operation that the database did not complete is worth another
try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is kept of a request, and when."""

    atomic: bool = False
    """All or nothing."""
    dry_run: bool = False
    """Nothing."""
    commit_every: int | None = None
    """Commit after so many operations; None: once, at the end."""
    retries: int = 0
    """How often to run the request again after a deadlock or serialization failure."""

    def get_size(self, total: int) -> int:
        """Return how many of so many operations share a transaction."""
        if self.commit_every is None or self.atomic or self.dry_run:
            return total
        return self.commit_every


def execute(
    operations: Sequence[Operation],
    make_handler: Callable[[], Handler],
    *,
    strategy: Strategy,
    databases: Sequence[str],
    policy: Policy,
) -> MultiStatus:
    """Run operations and return what became of them.

    Raises:
        DatabaseUnavailable: the database went away, or did not commit; nothing is kept.
    """
    nested = any(connections[alias].in_atomic_block for alias in databases)
    tries = 1 if nested else 1 + policy.retries
    for attempt in range(1, tries + 1):
        try:
            return _execute(operations, make_handler(), strategy, databases, policy)
        except DatabaseUnavailable as exc:
            if attempt == tries or not _is_transient(exc):
                raise
            # Two that met in a deadlock should not meet again.
            time.sleep(random.uniform(0, 0.05 * attempt))  # noqa: S311 (no secret)
    raise AssertionError("A request is tried at least once.")


def _execute(
    operations: Sequence[Operation],
    handler: Handler,
    strategy: Strategy,
    databases: Sequence[str],
    policy: Policy,
) -> MultiStatus:
    outcomes: list[Outcome] = []
    size = policy.get_size(len(operations))
    for start in range(0, len(operations), size):
        chunk = operations[start : start + size]
        try:
            outcomes += _run_transaction(chunk, handler, strategy, databases, policy)
        except DatabaseUnavailable:
            if not start:
                raise
            # What was committed is; the truth about the rest is that it is not.
            outcomes += [
                _refuse(operation, handler) for operation in operations[start:]
            ]
            break
    undone = policy.atomic and any(not each.ok for each in outcomes)
    return MultiStatus(
        outcomes=tuple(outcomes), committed=not policy.dry_run and not undone
    )


def _run_transaction(
    operations: Sequence[Operation],
    handler: Handler,
    strategy: Strategy,
    databases: Sequence[str],
    policy: Policy,
) -> list[Outcome]:
    """Run operations in one transaction on all the databases."""
    try:
        with ExitStack() as stack:
            for alias in databases:
                stack.enter_context(transaction.atomic(using=alias))
            stack.enter_context(handler.journal.recording())
            outcomes = _run(operations, handler, strategy, atomic=policy.atomic)
            failed = next((each for each in outcomes if not each.ok), None)
            undone = failed if policy.atomic else None
            for alias in databases:
                if policy.dry_run or undone:
                    transaction.set_rollback(True, using=alias)
                elif not is_usable(alias):
                    # It would be rolled back without a word.
                    raise DatabaseUnavailable
                else:
                    _make_callbacks_robust(alias)
    except (DatabaseException, DatabaseUnavailable) as exc:
        logger.exception("The database did not complete a bulk request.")
        for alias in databases:
            # What comes next in this request, a retry or a handler, needs a live one.
            connections[alias].close_if_unusable_or_obsolete()
        raise DatabaseUnavailable from exc
    if undone is not None:
        return [_undo(each, undone) for each in outcomes]
    return [_unmake(each) for each in outcomes] if policy.dry_run else outcomes


def _run(
    operations: Sequence[Operation],
    handler: Handler,
    strategy: Strategy,
    *,
    atomic: bool,
) -> list[Outcome]:
    """Return the outcomes; after the first failure in an atomic request none is run."""
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
    return _depend(outcome.operation, failed, href=None if created else outcome.href)


def _unmake(outcome: Outcome) -> Outcome:
    """Return the outcome of a dry run: nothing has the path, or the tag, of a plan."""
    if not outcome.ok:
        return outcome
    created = outcome.operation.method == "POST"
    return replace(outcome, href=None if created else outcome.href, etag=None)


def _refuse(operation: Operation, handler: Handler) -> Outcome:
    """Return the outcome of an operation whose transaction was not committed."""
    problem = Problem(
        code=DatabaseUnavailable.default_code,
        detail="The database could not complete it. It was not kept; send it again.",
    )
    return Outcome(
        operation=operation,
        status=DatabaseUnavailable.status_code,
        href=handler.get_href(operation),
        problem=problem,
        retry_after=RETRY_AFTER,
    )


def _is_transient(exc: BaseException | None) -> bool:
    """Whether a deadlock or a serialization failure is at the bottom of it."""
    while exc is not None:
        if isinstance(exc, DatabaseException) and ends_transaction(exc):
            return True
        exc = exc.__cause__
    return False


def _make_callbacks_robust(alias: str) -> None:
    """Keep one failing on_commit callback from swallowing those of other operations.

    They run after the commit, so none of them may turn the answer into an error; Django
    logs a robust one that fails. Singly, each would have had a request of its own.
    """
    connection: Any = connections[alias]
    if len(connection.atomic_blocks) == 1:
        connection.run_on_commit = [
            (savepoints, function, True)
            for savepoints, function, _ in connection.run_on_commit
        ]
