"""Savepoints on each database that can be rolled back before they end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from django.db import Error as DatabaseException
from django.db import IntegrityError, connections, transaction

from multistatus_app.databases.constraints import DeferredConstraints, is_usable
from multistatus_app.databases.statements import StatementLog
from multistatus_app.exceptions import DatabaseUnavailable
from multistatus_app.handlers.failures import MarkedForRollback
from multistatus_app.problems import ends_transaction


class Savepoints:
    """The writes of one operation, which can be undone before a failure is answered.

    With `is_whole` there are no savepoints: the transaction is the operation's own.
    """

    def __init__(
        self,
        databases: Iterable[str],
        statement_log: StatementLog,
        *,
        is_whole: bool = False,
    ) -> None:
        """Take the databases, and the log of the writes to them."""
        self.databases = tuple(databases)
        self.statement_log = statement_log
        self.is_whole = is_whole
        self.is_undone = False
        self.lost: set[str] = set()
        """The databases on which writes are rolled back."""
        self._stack = ExitStack()
        self._marks: list[tuple[Any, int, Any]] = []

    def __enter__(self) -> Self:
        if not self.is_whole:
            self._begin()
        return self

    def _begin(self) -> None:
        self._marks.clear()
        for alias in self.databases:
            self._stack.enter_context(transaction.atomic(using=alias))
            connection: Any = connections[alias]
            ids = connection.savepoint_ids
            self._marks.append((connection, len(ids), ids[-1] if ids else None))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc is not None and self.is_whole:
            self._discard(self.databases)
        self._stack.__exit__(kind, exc, traceback)

    def roll_back(self) -> None:
        """Undo the writes so far. Later writes may be kept.

        Nothing is undone inside a transaction that the project has opened, or in an
        event loop, where Django allows no queries.
        """
        if self.is_whole or _is_in_event_loop():
            return
        if any(
            sid is None or len(connection.savepoint_ids) != depth
            for connection, depth, sid in self._marks
        ):
            return
        try:
            if self.statement_log.writes:
                self._begin_again()
            else:
                self._rewind()
        except DatabaseException:  # the transaction is lost, which the caller detects
            return
        self.lose_all()
        self.is_undone = True

    def _begin_again(self) -> None:
        """End the blocks, so that caches tied to a block are dropped."""
        for alias in self.databases:
            transaction.set_rollback(True, using=alias)
        self._stack.close()
        if any(map(transaction.get_rollback, self.databases)):
            raise DatabaseException("A savepoint could not be rolled back.")
        self._begin()

    def _rewind(self) -> None:
        for connection, _, sid in self._marks:
            connection.needs_rollback = False
            connection.savepoint_rollback(sid)

    def lose_all(self) -> None:
        """Record that all writes are rolled back."""
        self.lost |= {each.using for each in self.statement_log.writes}
        self.statement_log.writes.clear()

    def take_lost(self) -> set[str]:
        """Return the databases of `lost`, and clear it."""
        lost, self.lost = self.lost, set()
        return lost

    def doom(self) -> None:
        """Mark databases with ATOMIC_REQUESTS for rollback.

        An exception that leaves the view does so, too.
        """
        for alias in self.databases:
            if connections[alias].settings_dict["ATOMIC_REQUESTS"]:
                transaction.set_rollback(True, using=alias)

    def fail(self, constraints: DeferredConstraints) -> None:
        """End a failed operation. Only writes after `roll_back()` are kept.

        None are kept on a database that is marked for rollback. DRF's handler marks
        those with ATOMIC_REQUESTS, and so does `doom()`.
        """
        doomed = [
            alias for alias in self.databases if transaction.get_rollback(using=alias)
        ]
        if self.is_undone and len(doomed) < len(self.databases):
            try:
                constraints.check(self.statement_log.writes)
            except IntegrityError:
                self._discard(self.databases)
            else:
                self._discard(doomed)
        else:
            self._discard(self.databases)

    def _discard(self, databases: Iterable[str]) -> None:
        for alias in databases:
            transaction.set_rollback(True, using=alias)
            kept = [each for each in self.statement_log.writes if each.using != alias]
            if len(kept) < len(self.statement_log.writes):
                self.lost.add(alias)
            self.statement_log.writes[:] = kept


def check_usable(databases: Iterable[str], exc: Exception) -> None:
    """Refuse to go on if an exception has ended the transaction.

    Raises:
        DatabaseUnavailable: it has, on one of the databases.
    """
    if ends_transaction(exc) or not all(map(is_usable, databases)):
        raise DatabaseUnavailable from exc


def check_unmarked(databases: Iterable[str]) -> None:
    """Refuse to report success if the transaction is marked for rollback.

    Raises:
        MarkedForRollback: a database error was caught without an `atomic`.
    """
    for alias in databases:
        if transaction.get_rollback(using=alias):
            raise MarkedForRollback(
                f"The transaction on {alias!r} was marked for rollback, so what "
                f"the operation did cannot be kept."
            )


def _is_in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
