"""Log records of unexpected exceptions, without the client's values.

Messages of a database may hold values (`Key (email)=(…) already exists`), so they are
left out. An operation has at most one record, and a kind of exception one traceback.
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
    """The log records about the operations of one request."""

    def __init__(self) -> None:
        self._operations: set[int] = set()
        self._origins: dict[Origin, int] = {}

    def tell(self, operation: Operation, http: Any, exc: BaseException) -> None:
        """Log an exception. Its traceback is left out if it was logged before."""
        if operation.index in self._operations:
            return  # the operation was run again
        self._operations.add(operation.index)
        first = self._origins.setdefault(_get_origin(exc), operation.index)
        is_first = first == operation.index
        logger.error(
            "Unexpected error in operation %d (%s) of %s%s",
            operation.index,
            operation.method,
            # Escaped, as by Django, so that a path cannot start a new line.
            http.path.encode("unicode_escape").decode("ascii"),
            "" if is_first else f", as in operation {first}",
            exc_info=strip_values(exc) if is_first else None,
            extra={"status_code": 500, "request": http},
        )


def strip_values(exc: BaseException) -> BaseException:
    """Return the same exception without the messages of a database."""
    if not any(isinstance(each, DatabaseException) for each in _get_chain(exc)):
        return exc
    return _copy(exc, is_database=False)


def _get_chain(exc: BaseException | None) -> list[BaseException]:
    """Return an exception with its causes and contexts."""
    found: list[BaseException] = []
    pending = [exc]
    while pending:
        each = pending.pop()
        if each is not None and each not in found:
            found.append(each)
            pending += [each.__cause__, each.__context__]
    return found


def _copy(exc: BaseException, *, is_database: bool) -> BaseException:
    """Copy an exception and its causes. Database errors keep only their kind."""
    cls: Any = type(exc)
    is_database = is_database or isinstance(exc, DatabaseException)
    args = (_describe(exc),) if is_database else exc.args
    try:
        copy: BaseException = cls.__new__(cls, *args)
        copy.args = args
        if not is_database:
            vars(copy).update(vars(exc))
    except Exception:  # its constructor takes other arguments
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
    """Return the class of an exception and the line that raised it."""
    trace: TracebackType | None = exc.__traceback__
    if trace is None:
        return type(exc), "", 0
    while trace.tb_next is not None:
        trace = trace.tb_next
    return type(exc), trace.tb_frame.f_code.co_filename, trace.tb_lineno
