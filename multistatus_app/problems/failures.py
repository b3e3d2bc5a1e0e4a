"""A Failure: everything that an exception or a document says of why not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from multistatus_app.outcomes import Outcome, Problem

ROOT: Final = "#"
"""The pointer to the data as a whole."""
MAX_DETAIL: Final = 1000
"""How many characters of a sentence are told."""
MAX_ERRORS: Final = 100
"""How many messages are told one by one."""
MAX_TOLD: Final = 1_000_000
"""How many bytes of messages answer a request, however small it is."""
TOLD_PER_BYTE: Final = 10
"""How many more there may be for each byte of the request."""

# Elements and members around a message, in the longer one of the formats.
_AROUND: Final = 250
_PLAIN: Final = re.compile(r"[\w#/.-]*", re.ASCII)
# An odd character stands in a pointer as three, and once more as the name of a field.
_ODD_POINTER: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What an exception says: everything of an outcome but whose it is."""

    status: int
    problem: Problem
    errors: tuple[Problem, ...] = ()
    retry_after: int | None = None
    untold: int = 0
    """How many messages are left out; the last one of `errors` says so."""


class Allowance:
    """Limits the messages of one request, so that no small body has a huge answer."""

    def __init__(self, size: int) -> None:
        """Allow for a request of so many bytes."""
        self._left = MAX_TOLD + TOLD_PER_BYTE * size

    def cut(self, failure: Failure) -> Failure:
        """Return a failure with the messages that are allowed, one at least."""
        told = failure.errors[:-1] if failure.untold else failure.errors
        kept = 0
        for each in told:
            self._left -= _weigh(each)
            if self._left < 0 and kept:
                break
            kept += 1
        if kept == len(told):
            return failure
        untold = failure.untold + len(told) - kept
        errors = (*told[:kept], *tell_more(untold))
        return replace(failure, errors=errors, untold=untold)


def fail(
    status: int,
    code: Any,
    detail: Any,
    *,
    errors: tuple[Problem, ...] = (),
    retry_after: int | None = None,
    untold: int = 0,
) -> Failure:
    """Return a failure whose sentence is not too long."""
    problem = Problem(code=str(code), detail=cut(detail))
    return Failure(
        status=status,
        problem=problem,
        errors=(*errors, *tell_more(untold)),
        retry_after=retry_after,
        untold=untold,
    )


def invalid(errors: Sequence[Problem]) -> Failure:
    """Return the failure of an operation whose data is not valid."""
    fields = {error.pointer for error in errors} - {ROOT}
    told = [
        Problem(code=each.code, detail=cut(each.detail), pointer=each.pointer)
        for each in errors[:MAX_ERRORS]
    ]
    return fail(
        400,
        "invalid",
        summarize(told, fields=len(fields)),
        errors=tuple(told),
        untold=max(0, len(errors) - MAX_ERRORS),
    )


def get_unexpected() -> Failure:
    """Return the failure of an unexpected exception: nothing of its inside is told."""
    return fail(500, "error", "An unexpected error occurred; it is logged.")


def to_outcome(failure: Failure, **members: Any) -> Outcome:
    """Return the outcome of an operation that failed so."""
    return Outcome(
        status=failure.status,
        problem=failure.problem,
        errors=failure.errors,
        retry_after=failure.retry_after,
        **members,
    )


def cut(text: Any) -> str:
    """Return a text of at most `MAX_DETAIL` characters; an ellipsis ends a cut one."""
    text = str(text)
    return text if len(text) <= MAX_DETAIL else f"{text[: MAX_DETAIL - 1]}…"


def tell_more(untold: int) -> tuple[Problem, ...]:
    """Return the message that says how many are not told, if any."""
    if not untold:
        return ()
    detail = (
        "There is 1 more error." if untold == 1 else f"There are {untold} more errors."
    )
    return (Problem(code="more_errors", detail=detail, pointer=ROOT),)


def summarize(errors: Sequence[Problem], *, fields: int) -> str:
    """Return the sentence over messages that are about so many fields."""
    if fields:
        return (
            "1 field is not valid."
            if fields == 1
            else f"{fields} fields are not valid."
        )
    if len(errors) == 1:
        return errors[0].detail
    return "The data is not valid." if errors else "The operation failed."


def _weigh(error: Problem) -> int:
    """Return about how many bytes a message takes, in the longer one of the formats."""
    pointer, detail = error.pointer or "", str(error.detail)
    weight = 1 if _PLAIN.fullmatch(pointer) else _ODD_POINTER
    escaped = sum(map(detail.count, "&<>\r"))
    return (
        _AROUND
        + weight * len(pointer)
        + len(detail.encode("utf-8", "surrogatepass"))
        + 4 * escaped
    )
