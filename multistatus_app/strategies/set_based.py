"""Many operations in a few statements, each with the outcome it would have alone.

    operation → prepare: allowed, found, validated      sets/preparing.py
                  │ accepted        │ refused      │ in doubt
                  ▼                 ▼              ▼
               pending           outcome        what is pending is written,
                  │                             then it is run by itself
                  ▼
      lock, and compare: as it was read?              sets/locking
                  │ yes             │ no: it is run by itself
                  ▼
      a savepoint: write → check → answer              sets/writing, answering
                  │ kept    │ refused, and why    │ not known, or undone
                  ▼         ▼                     ▼
               outcome   outcome               written by itself

An operation is accepted only by what is certain without the database, so that it makes
no difference that the earlier ones are not written yet. Whatever is in doubt is run by
the strategy for single operations, when all before it has been written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import ExitStack
from itertools import groupby
from typing import Final, TypeGuard

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError

from multistatus_app.databases.constraints import DeferredConstraints, is_usable
from multistatus_app.exceptions import DatabaseUnavailable
from multistatus_app.handlers import Handler
from multistatus_app.handlers.failures import MarkedForRollback
from multistatus_app.handlers.routes import explain_route
from multistatus_app.outcomes import Operation, Outcome
from multistatus_app.overrides.decisions import Depth
from multistatus_app.problems import ends_transaction, is_expected
from multistatus_app.sets import locking, writing
from multistatus_app.sets.answering import Answers
from multistatus_app.sets.knowledge import Knowledge
from multistatus_app.sets.preparing import PendingWrite, Preparation
from multistatus_app.sets.writers import Refusals
from multistatus_app.strategies.base import Strategy

logger = logging.getLogger("multistatus_app")

LARGEST: Final = 2000
"""How many operations are pending at most, so that memory does not grow with them."""

Pending = list[PendingWrite | Outcome]


class SetBased:
    """The strategy for what is stock: sets where they are safe, single ones else."""

    def __init__(
        self,
        databases: Iterable[str],
        singly: Strategy,
        *,
        smallest: int,
    ) -> None:
        """Take the strategy for single operations, and the size of the smallest set."""
        self.databases = tuple(databases)
        self.singly = singly
        self.smallest = smallest
        self._constraints = DeferredConstraints(self.databases)

    def run(
        self, operations: Iterable[Operation], handler: Handler
    ) -> Iterator[Outcome]:
        """Yield one outcome per operation, each with nothing left of what failed.

        Raises:
            DatabaseUnavailable: the transaction cannot go on.
        """
        asked, paths = list(operations), handler.singles.paths
        preparations: dict[str, Preparation | None] = {}
        pending: Pending = []
        alone: list[Operation] = []
        current: Preparation | None = None
        for operation in asked:
            method = operation.method or ""
            # What is prepared first is asked first: throttles count in order.
            fits = _is_plain(operation) and paths.has_route(operation.key)
            while True:
                known = preparations.get(method)
                if known and known.knowledge is not handler.knowledge:
                    del preparations[method]  # what it was read from is no longer so
                if fits and method not in preparations:
                    yield from self._run_all(pending, alone, current, handler)
                    preparations[method] = self._prepare_method(
                        asked, operation, handler
                    )
                preparation = preparations[method] if fits else None
                is_alone = preparation is None or preparation.is_hopeless
                if preparation is not current or is_alone or len(pending) >= LARGEST:
                    yield from self._run_all(pending, [], current, handler)
                    current = preparation
                if not is_alone:
                    yield from self._run_all([], alone, current, handler)
                if is_alone or (
                    preparation and preparation.knowledge is handler.knowledge
                ):
                    break
            if preparation is None or is_alone:
                alone.append(operation)
                continue
            prepared = preparation.prepare(operation)
            if prepared is None:
                yield from self._run_all(pending, [], current, handler)
                alone.append(operation)
            else:
                pending.append(prepared)
        yield from self._run_all(pending, alone, current, handler)

    def _run_all(
        self,
        pending: Pending,
        alone: list[Operation],
        preparation: Preparation | None,
        handler: Handler,
    ) -> Iterator[Outcome]:
        """Run what is pending, or what is to be run alone; never is there both."""
        if pending:
            yield from self._flush(pending, preparation, handler)
            pending.clear()
        if alone:
            yield from self.singly.run(list(alone), handler)
            alone.clear()

    def _prepare_method(
        self, asked: Sequence[Operation], operation: Operation, handler: Handler
    ) -> Preparation | None:
        """Return how the operations of a method are prepared; None: run them singly."""
        method = operation.method or ""
        if (
            handler.get_depth(method) is not Depth.SETS
            or not handler.is_plain
            or not _is_bare(handler, method)
        ):
            return None
        paths = handler.singles.paths
        alike = [
            each
            for each in asked
            if each.method == method and _is_plain(each) and paths.has_route(each.key)
        ]
        if len(alike) < self.smallest:
            return None
        try:
            with transaction.atomic(using=self.databases[0]):
                knowledge = self._get_knowledge(handler)
                preparation = Preparation(handler, knowledge, operation)
        except Exception as exc:  # run singly, each tells its own
            if ends_transaction(exc) or not all(map(is_usable, self.databases)):
                raise DatabaseUnavailable from exc
            _log(method, exc)
            return None
        return preparation

    def _get_knowledge(self, handler: Handler) -> Knowledge:
        if not isinstance(handler.knowledge, Knowledge):
            handler.knowledge = Knowledge(handler)
        return handler.knowledge

    def _flush(
        self, pending: Pending, preparation: Preparation | None, handler: Handler
    ) -> Iterator[Outcome]:
        """Write what is pending and yield the outcomes, in order.

        A row that somebody else has deleted or changed since it was read is written by
        a request of its own, which reads it as it is now.
        """
        stale = self._find_stale(pending, preparation)
        runs = groupby(pending, key=lambda each: each.operation.index in stale)
        for is_stale, run in runs:
            if is_stale:
                yield from self.singly.run([each.operation for each in run], handler)
            else:
                yield from self._flush_run(list(run), preparation, handler)
        if preparation is not None:
            preparation.settle()
        if stale:
            handler.forget_all()  # others have written: what else did they change?

    def _find_stale(
        self, pending: Pending, preparation: Preparation | None
    ) -> Set[int]:
        """Lock the rows of what is pending; tell which are no longer as they were."""
        accepted = [each for each in pending if isinstance(each, PendingWrite)]
        if not accepted or preparation is None or preparation.method == "POST":
            return frozenset()
        model, using = preparation.model, preparation.using
        try:
            with transaction.atomic(using=using):
                return locking.find_stale(model, accepted, using)
        except Exception as exc:  # one is held for too long: singly, it is a 423
            if ends_transaction(exc) or not all(map(is_usable, self.databases)):
                raise DatabaseUnavailable from exc
            _log(preparation.method, exc)
            preparation.give_up()
            return {each.operation.index for each in accepted}

    def _flush_run(
        self, pending: Pending, preparation: Preparation | None, handler: Handler
    ) -> Iterator[Outcome]:
        """Write what is pending, in one set; its rows are as they were read."""
        accepted = [each for each in pending if isinstance(each, PendingWrite)]
        written: dict[int, Outcome | None] = {}
        if accepted and preparation is not None:
            written = self._write(accepted, preparation, handler)
        for each in pending:
            if isinstance(each, Outcome):
                yield each
            elif outcome := written.get(each.operation.index):
                yield outcome
            elif preparation is None or preparation.bulk_hook:
                yield from self.singly.run([each.operation], handler)
            else:
                yield from self._write_alone(each, preparation, handler)

    def _write(
        self,
        accepted: Sequence[PendingWrite],
        preparation: Preparation,
        handler: Handler,
    ) -> dict[int, Outcome | None]:
        """Write operations; return the outcomes, by index, as far as they are known."""
        statement_log = handler.statement_log
        statement_log.writes.clear()
        using = preparation.using
        if preparation.is_heard_of:
            for each in accepted:
                handler.traces.note(each.operation, each.instance)
        try:
            with ExitStack() as savepoints:
                for alias in self.databases:
                    savepoints.enter_context(transaction.atomic(using=alias))
                refused = _write_set(accepted, preparation, handler)
                kept = [
                    each for place, each in enumerate(accepted) if place not in refused
                ]
                self._constraints.check(statement_log.writes)
                outcomes = _answer(kept, preparation, handler)
                if transaction.get_rollback(using=using):
                    raise MarkedForRollback
        except Exception as exc:
            if ends_transaction(exc) or not all(map(is_usable, self.databases)):
                raise DatabaseUnavailable from exc
            _log(preparation.method, exc)
            preparation.give_up()
            _tell_undone(accepted, handler)
            return {}
        handler.traces.forget(*(accepted[place].operation for place in refused))
        preparation.knowledge.note(statement_log.writes)
        handler.singles.user.note(statement_log.writes)
        statement_log.writes.clear()
        known: dict[int, Outcome | None] = {
            outcome.operation.index: outcome for outcome in outcomes
        }
        for place, error in refused.items():
            each = accepted[place]
            if _is_known(error, preparation):
                # As it was when its turn came: what came after is of no account.
                known[each.operation.index] = _refuse(each, error, handler)
        return known

    def _write_alone(
        self, accepted: PendingWrite, preparation: Preparation, handler: Handler
    ) -> Iterator[Outcome]:
        """Write one operation as `serializer.save()` or `instance.delete()` would."""
        statement_log = handler.statement_log
        statement_log.writes.clear()
        try:
            with transaction.atomic(using=preparation.using):
                writing.write_alone(accepted)
                if preparation.is_heard_of:
                    handler.traces.note(accepted.operation, accepted.instance)
                self._constraints.check(statement_log.writes)
                [outcome] = _answer([accepted], preparation, handler, alone=True)
        except Exception as exc:
            if ends_transaction(exc) or not all(map(is_usable, self.databases)):
                raise DatabaseUnavailable from exc
            _tell_undone([accepted], handler)
            if preparation.hook is None and not is_expected(exc):
                yield from self.singly.run([accepted.operation], handler)
                return
            statement_log.writes.clear()
            outcome = handler.explain(accepted.operation, exc, view=accepted.view)
        handler.finish(outcome)
        yield outcome


def _tell_undone(accepted: Sequence[PendingWrite], handler: Handler) -> None:
    """Tell others of operations that were rolled back, if they may have heard."""
    operations = [each.operation for each in accepted]
    databases = {each.using for each in handler.statement_log.writes}
    handler.traces.tell(*operations, databases=databases)
    handler.traces.forget(*operations)


def _log(method: str, reason: Exception) -> None:
    """Say to who wants to know why a set was not written as one."""
    logger.debug("%s operations are run one by one: %r", method, reason)


def _is_plain(operation: Operation) -> bool:
    """Whether an operation asks for nothing that sets do not know."""
    return not operation.problems and operation.if_match is None


def _is_known(
    error: Exception | None, preparation: Preparation
) -> TypeGuard[IntegrityError]:
    """Whether it is said why an operation was refused, so that nobody has to try."""
    if isinstance(error, ProtectedError | RestrictedError):
        # A project's own handling may ask it for the rows themselves.
        return preparation.explains
    return isinstance(error, IntegrityError)


def _refuse(accepted: PendingWrite, error: Exception, handler: Handler) -> Outcome:
    outcome = handler.explain(accepted.operation, error, view=accepted.view)
    handler.finish(outcome)
    return outcome


def _is_bare(handler: Handler, method: str) -> bool:
    """Whether the single route leads to DRF's own action, with nothing around it."""
    route = handler.singles.paths.routes.get(method)
    return route is not None and explain_route(route, method) is None


def _write_set(
    accepted: Sequence[PendingWrite], preparation: Preparation, handler: Handler
) -> Refusals:
    """Write operations and return why the database refused some, by their places."""
    model, using, statement_log = (
        preparation.model,
        preparation.using,
        handler.statement_log,
    )
    if preparation.bulk_hook:
        writing.call_hook(preparation.bulk_hook, accepted)
        return {}
    if preparation.method == "POST":
        return writing.insert(model, accepted, using, statement_log)
    if preparation.method == "DELETE":
        return writing.delete(model, accepted, using, statement_log)
    changed = list(preparation.written.values())
    return writing.update(model, accepted, changed, using, statement_log)


def _answer(
    kept: Sequence[PendingWrite],
    preparation: Preparation,
    handler: Handler,
    *,
    alone: bool = False,
) -> list[Outcome]:
    answers = Answers(handler, preparation.knowledge, preparation.using)
    if preparation.method == "DELETE":
        return answers.get_deleted(kept)
    status = 201 if preparation.method == "POST" else 200
    return answers.get_saved(kept, status=status, alone=alone)
