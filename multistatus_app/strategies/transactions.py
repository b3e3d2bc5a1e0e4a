"""The transactions of a request: one, or one for every so many operations.

`atomic=true`, `dry_run=true` and `bulk_commit_every` are a policy of the transaction,
not strategies: any strategy runs inside.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db import Error as DatabaseException
from django.db import connections, transaction

from multistatus_app.databases.aliases import WriteOutsideTransaction
from multistatus_app.databases.constraints import is_lost, is_usable
from multistatus_app.databases.statements import is_write
from multistatus_app.exceptions import DatabaseUnavailable, TransactionConflict
from multistatus_app.handlers import Handler
from multistatus_app.handlers.reports import strip_values
from multistatus_app.outcomes import MultiStatus, Operation, Outcome, Problem
from multistatus_app.strategies.alone import Alone
from multistatus_app.strategies.base import Strategy
from multistatus_app.strategies.locking import await_targets, lock_targets
from multistatus_app.strategies.refusals import is_conflict, refuse

logger = logging.getLogger("multistatus_app")

Run = Callable[[Sequence[Operation], Handler], Iterator[Outcome]]
"""Runs the operations of one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which operations of a request are kept, and when they are committed."""

    atomic: bool = False
    """All or nothing."""
    dry_run: bool = False
    """Nothing."""
    commit_every: int | None = None
    """The number of operations between commits, or None for one commit at the end."""
    get_retries: Callable[[], int] = int
    """Says how often to run again after a deadlock or serialization failure."""

    def get_size(self, total: int) -> int:
        """Return how many of `total` operations share a transaction."""
        if self.commit_every is None or self.atomic or self.dry_run:
            return total
        return self.commit_every


def execute(
    operations: Sequence[Operation],
    make_handler: Callable[[Sequence[Operation]], Handler],
    *,
    strategy: Strategy,
    databases: Sequence[str],
    policy: Policy,
) -> MultiStatus:
    """Run operations and return their outcomes.

    Raises:
        DatabaseUnavailable: the database went away, or did not commit; nothing is kept.
    """
    if isinstance(strategy, Alone):
        return _execute_alone(operations, make_handler, strategy)
    outcomes: list[Outcome] = []
    size = policy.get_size(len(operations))
    for start in range(0, len(operations), size):
        chunk = operations[start : start + size]
        try:
            outcomes += _execute(chunk, make_handler, strategy, databases, policy)
        except Exception as exc:
            if not start:
                raise
            # Committed operations stay committed. The rest is reported as not kept.
            if not isinstance(exc, DatabaseUnavailable):
                logger.error(
                    "A bulk request did not complete.", exc_info=strip_values(exc)
                )
            handler = make_handler(chunk)
            outcomes += [refuse(each, exc, handler) for each in operations[start:]]
            break
    undone = policy.atomic and any(not each.ok for each in outcomes)
    return MultiStatus(
        outcomes=tuple(outcomes), committed=not policy.dry_run and not undone
    )


def _execute_alone(
    operations: Sequence[Operation],
    make_handler: Callable[[Sequence[Operation]], Handler],
    strategy: Alone,
) -> MultiStatus:
    """Run operations without a transaction of ours. Each commits by itself."""
    handler = make_handler(operations)
    with handler.statement_log.recording():
        outcomes = tuple(strategy.run(operations, handler))
    return MultiStatus(outcomes=outcomes, committed=True)


def _execute(
    operations: Sequence[Operation],
    make_handler: Callable[[Sequence[Operation]], Handler],
    strategy: Strategy,
    databases: Sequence[str],
    policy: Policy,
) -> list[Outcome]:
    """Run operations in one transaction, again after a deadlock.

    Raises:
        DatabaseUnavailable: nothing of it is kept.
    """
    nested = any(connections[alias].in_atomic_block for alias in databases)
    for attempt in itertools.count():
        # Rows read or locked in one transaction are not valid in the next.
        handler = make_handler(operations)
        run: Run = strategy.run
        if attempt:
            await_targets(operations, handler, databases[0], attempt=attempt)
            run = partial(_run_again, strategy, databases)
        try:
            return _run_transaction(operations, handler, run, databases, policy)
        except DatabaseUnavailable as exc:
            again = isinstance(exc, TransactionConflict) and not nested
            if not again or attempt >= policy.get_retries():
                logger.error(
                    "The database did not complete a bulk request.",
                    exc_info=strip_values(exc),
                )
                raise
            logger.info("A bulk request is run again: %r", exc.__cause__)
    raise AssertionError("A request is tried until it is answered.")


def _run_again(
    strategy: Strategy,
    databases: Sequence[str],
    operations: Sequence[Operation],
    handler: Handler,
) -> Iterator[Outcome]:
    """Lock all targets, then run the operations."""
    lock_targets(operations, handler, databases[0])
    yield from strategy.run(operations, handler)


def _run_transaction(
    operations: Sequence[Operation],
    handler: Handler,
    run: Run,
    databases: Sequence[str],
    policy: Policy,
) -> list[Outcome]:
    """Run operations in one transaction on all the databases."""
    lost: list[str] = []
    try:
        with ExitStack() as stack:
            for alias in databases:
                stack.enter_context(_noting_loss(alias, lost))
                stack.enter_context(transaction.atomic(using=alias))
            stack.enter_context(handler.statement_log.recording())
            if policy.atomic or policy.dry_run:
                stack.enter_context(_refusing_writes(databases))
            outcomes = list(run(operations, handler))
            failed = next((each for each in outcomes if not each.ok), None)
            undone = failed if policy.atomic else None
            for alias in databases:
                if policy.dry_run or undone:
                    transaction.set_rollback(True, using=alias)
                elif failed and handler.is_alone and not is_lost(alias):
                    # The transaction is the operation's own.
                    if transaction.get_rollback(using=alias):
                        lost.append(alias)
                elif not is_usable(alias):
                    # It would be rolled back silently.
                    raise DatabaseUnavailable
                else:
                    _make_callbacks_robust(alias)
    except (DatabaseException, DatabaseUnavailable) as exc:
        for alias in databases:
            # A retry or an exception handler of this request needs a live connection.
            connections[alias].close_if_unusable_or_obsolete()
        handler.traces.tell_all(lost)
        unavailable = TransactionConflict if is_conflict(exc) else DatabaseUnavailable
        raise unavailable from exc
    except Exception:
        handler.traces.tell_all(lost)
        raise
    if undone is not None or policy.dry_run:
        lost[:] = databases
    handler.traces.tell_all(lost)
    if undone is not None:
        return [_undo(each, undone, handler) for each in outcomes]
    if policy.dry_run:
        return [_unmake(each, handler) for each in outcomes]
    return outcomes


@contextmanager
def _noting_loss(alias: str, lost: list[str]) -> Iterator[None]:
    """Record that a database was rolled back. Inner ones may have been committed."""
    try:
        yield
    except BaseException:
        lost.append(alias)
        raise


def _undo(outcome: Outcome, failed: Outcome, handler: Handler) -> Outcome:
    """Return the outcome of an operation that was undone by the failure of another."""
    if not outcome.ok:
        return outcome
    operation = outcome.operation
    problem = Problem(
        code="failed_dependency",
        detail=f"Operation {failed.operation.index} failed, and the request is atomic.",
    )
    href = handler.get_href(operation)
    return Outcome(operation=operation, status=424, href=href, problem=problem)


def _unmake(outcome: Outcome, handler: Handler) -> Outcome:
    """Return the outcome of a dry run, which has no path or tag of a new resource."""
    if not outcome.ok:
        return outcome
    return replace(outcome, href=handler.get_href(outcome.operation), etag=None)


@contextmanager
def _refusing_writes(databases: Sequence[str]) -> Iterator[None]:
    """Refuse writes to other databases, where they could not be undone."""
    with ExitStack() as wrappers:
        for alias in set(connections) - set(databases):
            wrappers.enter_context(connections[alias].execute_wrapper(_refuse_write))
        yield


def _refuse_write(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if is_write(str(sql)):
        raise WriteOutsideTransaction(
            f"The database {context['connection'].alias!r} is not in the transaction "
            f"of this request, so what is written there could not be undone."
        )
    return execute(sql, params, many, context)


def _make_callbacks_robust(alias: str) -> None:
    """Keep one failing on_commit callback from stopping those of other operations.

    They run after the commit, so a failure must not turn the response into an error.
    Django logs failures of robust callbacks.
    """
    connection: Any = connections[alias]
    if len(connection.atomic_blocks) == 1:
        connection.run_on_commit = [
            (savepoints, function, True)
            for savepoints, function, _ in connection.run_on_commit
        ]
