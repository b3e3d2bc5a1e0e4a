"""Faults at a chosen round trip of a connection, and connections that others hold."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper

_TRIPS = ("_commit", "_rollback", "_set_autocommit")
"""What Django says to a database beside statements."""


class Injector:
    """Counts the round trips of a connection and injects a fault before one of them."""

    def __init__(self, fault: Callable[[], Any], at: int | None) -> None:
        self.fault = fault
        self.at = at
        self.trips: list[str] = []

    @property
    def was_hit(self) -> bool:
        """Whether it came to the fault."""
        return self.at is not None and len(self.trips) >= self.at

    def pass_by(self, trip: str) -> None:
        """Count a round trip."""
        self.trips.append(trip)
        if len(self.trips) == self.at:
            self.fault()


@contextmanager
def injecting(
    fault: Callable[[], Any], at: int | None = None, using: str = DEFAULT_DB_ALIAS
) -> Iterator[Injector]:
    """Inject a fault before a round trip, counted from 1; None only counts them."""
    database = connections[using]
    injector = Injector(fault, at)
    with ExitStack() as stack:
        for name in _TRIPS:
            original = getattr(database, name)

            def trip(
                *args: Any, name: str = name, original: Callable[..., Any] = original
            ) -> Any:
                injector.pass_by(name)
                return original(*args)

            stack.enter_context(patch.object(database, name, trip))
        # No `execute_wrapper`: one that is not ours keeps operations from sets.
        for name in ("_execute", "_executemany"):
            stock = getattr(CursorWrapper, name)

            def run(
                cursor: Any, sql: str, *rest: Any, stock: Callable[..., Any] = stock
            ) -> Any:
                if cursor.db is database:
                    injector.pass_by(str(sql))
                return stock(cursor, sql, *rest)

            stack.enter_context(patch.object(CursorWrapper, name, run))
        yield injector
    if database.vendor == "sqlite":
        database.connection.set_progress_handler(None, 1)


Watch = Callable[[str, Callable[[], Any]], Any]
"""Is given a statement, and what runs it; it may do so, before or after."""


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Have every statement, of all threads, go through a function."""
    stock = CursorWrapper._execute  # type: ignore[attr-defined]

    def run(cursor: Any, sql: Any, *rest: Any) -> Any:
        return watch(str(sql), lambda: stock(cursor, sql, *rest))

    with patch.object(CursorWrapper, "_execute", run):
        yield


@contextmanager
def before(pattern: str, act: Callable[[], Any]) -> Iterator[list[str]]:
    """Have somebody else act, once, before this thread's first statement like this.

    Yields the statements of this thread from there on.
    """
    mine, seen = threading.get_ident(), list[str]()

    def watch(sql: str, execute: Callable[[], Any]) -> Any:
        if threading.get_ident() == mine:
            if not seen and re.search(pattern, sql):
                seen.append(sql)
                run_together(act)
            elif seen:
                seen.append(sql)
        return execute()

    with watching(watch):
        yield seen
    assert seen, f"No statement is like {pattern!r}."


@contextmanager
def meeting(pattern: str, *, wait: float = 0.5) -> Iterator[None]:
    """Have two threads, each after its first statement like this, wait for the other.

    Not for long: what one has taken may be what the other waits for.
    """
    met = threading.Barrier(2)
    been: set[int] = set()

    def watch(sql: str, execute: Callable[[], Any]) -> Any:
        result = execute()
        if threading.get_ident() not in been and re.search(pattern, sql):
            been.add(threading.get_ident())
            with suppress(threading.BrokenBarrierError):
                met.wait(wait)
        return result

    with watching(watch):
        yield


def kill() -> None:
    """End this thread's connection from a second one, and wait until it is gone."""
    victim: Any = connection.connection
    if victim is None:
        return
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            if connection.vendor == "postgresql":
                backend = victim.info.backend_pid
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
                return
            number = victim.thread_id()
            cursor.execute(
                "SELECT 1 FROM information_schema.processlist WHERE id = %s", [number]
            )
            if cursor.fetchall():
                cursor.execute(f"KILL {number:d}")
            while True:
                cursor.execute(
                    "SELECT 1 FROM information_schema.processlist WHERE id = %s",
                    [number],
                )
                if not cursor.fetchall():
                    return
                time.sleep(0.001)
    finally:
        other.close()


def interrupt() -> None:
    """Have SQLite interrupt the next statement of this thread's connection, once."""
    fired = iter([1])
    database: Any = connection.connection
    database.set_progress_handler(lambda: next(fired, 0), 1)


def run_together(*targets: Callable[[], Any]) -> list[Any]:
    """Run functions in threads, each with connections of its own."""
    answers: list[Any] = [None] * len(targets)

    def run(number: int) -> None:
        try:
            answers[number] = targets[number]()
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(each,)) for each in range(len(targets))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return answers


@contextmanager
def on_file(file: Path, **options: Any) -> Iterator[None]:
    """Have this thread's connection be one to a file, a copy of it if there is none."""
    original: Any = connections[DEFAULT_DB_ALIAS]
    if not file.exists():
        with original.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(file)])
    settings = original.settings_dict | {"NAME": str(file), "OPTIONS": options}
    connections[DEFAULT_DB_ALIAS] = type(original)(settings, DEFAULT_DB_ALIAS)
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS].close()
        connections[DEFAULT_DB_ALIAS] = original


@contextmanager
def session(using: str = DEFAULT_DB_ALIAS, **options: Any) -> Iterator[None]:
    """Have new connections, of all threads, made with other options."""
    database: Any = connections[using]
    database.close()
    with patch.dict(
        database.settings_dict, OPTIONS=database.settings_dict["OPTIONS"] | options
    ):
        try:
            yield
        finally:
            database.close()


def get_quick_deadlocks() -> AbstractContextManager[None]:
    """Have PostgreSQL look for deadlocks sooner than after a second."""
    if connection.vendor == "postgresql":
        return session(options="-c deadlock_timeout=50ms")
    return session()
