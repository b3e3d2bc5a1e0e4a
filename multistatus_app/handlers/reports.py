"""What the log is told of unexpected exceptions: no values of the client's.

A database's own words hold them (`Key (email)=(…) already exists`), so they are left
out. One operation has at most one record, and one kind of exception one traceback.
"""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Any, Final

from django.db import Error as DatabaseException

from multistatus_app.outcomes import Operation
from multistatus_app.problems import get_sqlstate

logger: Final = logging.getLogger("multistatus_app")

Origin = tuple[type[BaseException], str, int]


class Reports:
    """The records about the operations of one request."""

    def __init__(self) -> None:
        """Start with nothing told."""
        self._operations: set[int] = set()
        self._origins: dict[Origin, int] = {}

    def tell(self, operation: Operation, http: Any, exc: BaseException) -> None:
        """Log an exception; with its traceback, unless that is known by now."""
        if operation.index in self._operations:
            return  # the request was run again
        self._operations.add(operation.index)
        first = self._origins.setdefault(_get_origin(exc), operation.index)
        is_first = first == operation.index
        logger.error(
            "Unexpected error in operation %d (%s) of %s%s",
            operation.index,
            operation.method,
            # As Django logs it: no line of its own.
            http.path.encode("unicode_escape").decode("ascii"),
            "" if is_first else f", as in operation {first}",
            exc_info=strip_values(exc) if is_first else None,
            extra={"status_code": 500, "request": http},
        )


def strip_values(exc: BaseException) -> BaseException:
    """Return an exception that reads the same, but for what a database says."""
    if not any(isinstance(each, DatabaseException) for each in _get_chain(exc)):
        return exc
    return _copy(exc, is_database=False)


def _get_chain(exc: BaseException | None) -> list[BaseException]:
    """List an exception and those that it came of."""
    found: list[BaseException] = []
    pending = [exc]
    while pending:
        each = pending.pop()
        if each is not None and each not in found:
            found.append(each)
            pending += [each.__cause__, each.__context__]
    return found


def _copy(exc: BaseException, *, is_database: bool) -> BaseException:
    """Copy an exception and its causes; of a database's, only its kind."""
    cls: Any = type(exc)
    is_database = is_database or isinstance(exc, DatabaseException)
    args = (_describe(exc),) if is_database else exc.args
    try:
        copy: BaseException = cls.__new__(cls, *args)
        copy.args = args
        if not is_database:
            vars(copy).update(vars(exc))
    except Exception:  # a class with arguments of its own
        copy = DatabaseException(f"{cls.__name__}: {_describe(exc)}")
    copy.__traceback__ = exc.__traceback__
    if exc.__cause__ is not None:
        copy.__cause__ = _copy(exc.__cause__, is_database=is_database)
    elif exc.__context__ is not None and not exc.__suppress_context__:
        copy.__context__ = _copy(exc.__context__, is_database=False)
    return copy


def _describe(exc: BaseException) -> str:
    state = getattr(exc, "sqlstate", None)
    if state is None and isinstance(exc, Exception):
        state = get_sqlstate(exc)
    code = f"SQLSTATE {state}; " if state else ""
    return f"({code}the database's words may hold values, and are left out)"


def _get_origin(exc: BaseException) -> Origin:
    """Return the kind of an exception: its class, and the line that raised it."""
    trace: TracebackType | None = exc.__traceback__
    if trace is None:
        return type(exc), "", 0
    while trace.tb_next is not None:
        trace = trace.tb_next
    return type(exc), trace.tb_frame.f_code.co_filename, trace.tb_lineno
