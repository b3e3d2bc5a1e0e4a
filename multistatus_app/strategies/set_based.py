"""Many operations in a few statements, each with the outcome it would have alone.

    operation → prepare: allowed, found, validated      sets/preparing.py
                  │ accepted        │ refused      │ in doubt
                  ▼                 ▼              ▼
               pending           outcome        pending ones are written,
                  │                             then it is run singly
                  ▼
      lock, and compare: as it was read?              sets/locking
                  │ yes             │ no: it is run singly
                  ▼
      a savepoint: write → check → answer              sets/writing, answering
                  │ kept    │ refused, and why    │ not known, or undone
                  ▼         ▼                     ▼
               outcome   outcome               written alone

An operation is accepted if the database is not needed to decide, so it does not matter
that earlier ones are not written yet. An operation in doubt is run singly, after all
before it have been written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import groupby
from typing import TypeGuard

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError

from multistatus_app.databases.aliases import atomic
from multistatus_app.databases.constraints import DeferredConstraints
from multistatus_app.handlers import Handler
from multistatus_app.handlers.failures import MarkedForRollback
from multistatus_app.outcomes import Operation, Outcome
from multistatus_app.overrides.decisions import Depth
from multistatus_app.problems import is_expected
from multistatus_app.sets import locking, writing
from multistatus_app.sets.answering import Answers
from multistatus_app.sets.knowledge import Knowledge, SharedLookups
from multistatus_app.sets.pending import PendingWrite
from multistatus_app.sets.preparing import Preparation
from multistatus_app.sets.writers import Refusals
from multistatus_app.strategies.base import Strategy
from multistatus_app.strategies.savepoints import check_usable

logger = logging.getLogger("multistatus_app")

Pending = list[PendingWrite | Outcome]


class SetBased:
    """Writes sets of operations if that is safe, and runs the others singly."""

    def __init__(
        self, databases: Iterable[str], singly: Strategy, *, smallest: int
    ) -> None:
        """`smallest` is the size of the smallest set."""
        self.databases = tuple(databases)
        self.singly = singly
        self.smallest = smallest
        self._constraints = DeferredConstraints(self.databases)

    def run(
        self, operations: Iterable[Operation], handler: Handler
    ) -> Iterator[Outcome]:
        """Yield one outcome per operation."""
        asked, paths = list(operations), handler.paths
        preparations: dict[str, Preparation | None] = {}
        pending: Pending = []
        alone: list[Operation] = []
        current: Preparation | None = None
        for operation in asked:
            method = operation.method or ""
            # Methods are prepared in request order, as throttles count in order.
            fits = _is_plain(operation) and paths.has_route(operation.key)
            while True:
                known = preparations.get(method)
                if known and known.knowledge is not handler.knowledge:
                    del preparations[method]  # it was read from rows that have changed
                if fits and method not in preparations:
                    yield from self._run_all(pending, alone, current, handler)
                    preparations[method] = self._prepare_method(
                        asked, operation, handler
                    )
                preparation = preparations[method] if fits else None
                is_alone = preparation is None or preparation.is_hopeless
                if preparation is not current or is_alone or _is_full(pending, current):
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
        """Flush one of the two queues. At most one is non-empty."""
        if pending:
            yield from self._flush(pending, preparation, handler)
            pending.clear()
        if alone:
            yield from self._run_singly(list(alone), handler)
            alone.clear()

    def _run_singly(
        self, operations: Sequence[Operation], handler: Handler
    ) -> Iterator[Outcome]:
        """Run operations by their own action. Many of them share their look-ups."""
        if len(operations) < self.smallest:
            yield from self.singly.run(operations, handler)
            return
        before = handler.knowledge
        shared = SharedLookups(operations, handler.statement_log, before=before)
        handler.knowledge = shared
        yield from self.singly.run(operations, handler)
        # A group that was rolled back has discarded what was known.
        handler.knowledge = before if handler.knowledge is shared else None

    def _prepare_method(
        self, asked: Sequence[Operation], operation: Operation, handler: Handler
    ) -> Preparation | None:
        """Return the preparation of a method, or None to run its operations singly."""
        method = operation.method or ""
        if handler.get_depth(method) is not Depth.SETS:
            return None
        paths = handler.paths
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
        except Exception as exc:  # it is raised again, and explained, singly
            check_usable(self.databases, exc)
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
        """Write the pending operations and yield their outcomes in order.

        An operation on a row that others have changed or deleted is run singly, so the
        row is read again.
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
            handler.forget_all()  # other rows may have changed, too

    def _find_stale(
        self, pending: Pending, preparation: Preparation | None
    ) -> Set[int]:
        """Lock the rows of pending operations.

        Return those that have changed, by index.
        """
        accepted = [each for each in pending if isinstance(each, PendingWrite)]
        if not accepted or preparation is None or preparation.method == "POST":
            return frozenset()
        model, using = preparation.model, preparation.using
        try:
            with transaction.atomic(using=using):
                return locking.find_stale(model, accepted, using)
        except Exception as exc:  # a row is locked for too long; singly, it is a 423
            check_usable(self.databases, exc)
            _log(preparation.method, exc)
            preparation.give_up()
            return {each.operation.index for each in accepted}

    def _flush_run(
        self, pending: Pending, preparation: Preparation | None, handler: Handler
    ) -> Iterator[Outcome]:
        """Write pending operations in one set. Their rows are as they were read."""
        accepted = [each for each in pending if isinstance(each, PendingWrite)]
        written: dict[int, Outcome | None] | None = {}
        if accepted and preparation is not None:
            written = self._write(accepted, preparation, handler)
        if written is None and preparation and preparation.is_heard_of:
            # What its code does may decide what becomes of later operations.
            yield from self._run_singly([each.operation for each in pending], handler)
            return
        for each in pending:
            if isinstance(each, Outcome):
                yield each
            elif written and (outcome := written.get(each.operation.index)):
                yield outcome
            elif preparation is None:
                yield from self.singly.run([each.operation], handler)
            else:
                yield from self._write_alone(each, preparation, handler)

    def _write(
        self,
        accepted: Sequence[PendingWrite],
        preparation: Preparation,
        handler: Handler,
    ) -> dict[int, Outcome | None] | None:
        """Write operations in one set. Return the known outcomes by index.

        None if the set was undone.
        """
        statement_log = handler.statement_log
        statement_log.writes.clear()
        using = preparation.using
        if preparation.is_heard_of:
            for each in accepted:
                handler.traces.note(each.operation, each.instance)
        try:
            with atomic(self.databases):
                refused = _write_set(accepted, preparation, handler)
                kept = [
                    each for place, each in enumerate(accepted) if place not in refused
                ]
                self._constraints.check(statement_log.writes)
                outcomes = _answer(kept, preparation, handler)
                if transaction.get_rollback(using=using):
                    raise MarkedForRollback
        except Exception as exc:
            check_usable(self.databases, exc)
            _log(preparation.method, exc)
            preparation.give_up()
            _tell_undone(accepted, handler)
            return None
        handler.traces.forget(*(accepted[place].operation for place in refused))
        preparation.size.widen()
        preparation.knowledge.note(statement_log.writes)
        handler.user.note(statement_log.writes)
        statement_log.writes.clear()
        known: dict[int, Outcome | None] = {
            outcome.operation.index: outcome for outcome in outcomes
        }
        for place, error in refused.items():
            each = accepted[place]
            if _is_known(error, preparation):
                # Later operations make no difference to a known refusal.
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
            check_usable(self.databases, exc)
            _tell_undone([accepted], handler)
            if preparation.hook is None and not is_expected(exc):
                yield from self.singly.run([accepted.operation], handler)
                return
            statement_log.writes.clear()
            outcome = handler.explain(accepted.operation, exc, view=accepted.view)
        handler.finish(outcome)
        yield outcome


def _tell_undone(accepted: Sequence[PendingWrite], handler: Handler) -> None:
    """Send `undone` for operations that were rolled back."""
    operations = [each.operation for each in accepted]
    databases = {each.using for each in handler.statement_log.writes}
    handler.traces.tell(*operations, databases=databases)
    handler.traces.forget(*operations)


def _log(method: str, reason: Exception) -> None:
    """Log why a set fell back to single operations."""
    logger.debug("%s operations are run one by one: %r", method, reason)


def _is_full(pending: Pending, preparation: Preparation | None) -> bool:
    return preparation is not None and len(pending) >= preparation.size.value


def _is_plain(operation: Operation) -> bool:
    """Return True if an operation needs nothing that sets do not support."""
    return not operation.problems and operation.if_match is None


def _is_known(
    error: Exception | None, preparation: Preparation
) -> TypeGuard[IntegrityError]:
    """Return True if the error explains the refusal, so that no retry is needed."""
    if isinstance(error, ProtectedError | RestrictedError):
        # A project's own handler may read the rows from it.
        return preparation.explains
    return isinstance(error, IntegrityError)


def _refuse(accepted: PendingWrite, error: Exception, handler: Handler) -> Outcome:
    outcome = handler.explain(accepted.operation, error, view=accepted.view)
    handler.finish(outcome)
    return outcome


def _write_set(
    accepted: Sequence[PendingWrite], preparation: Preparation, handler: Handler
) -> Refusals:
    """Write operations. Return the errors of refused ones, by their position."""
    model, using = preparation.model, preparation.using
    statement_log = handler.statement_log
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
