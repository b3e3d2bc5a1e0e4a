"""A Failure: the status, problem and errors of a failed operation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from multistatus_app.outcomes import Outcome, Problem

ROOT: Final = "#"
"""The pointer to the data as a whole."""
MAX_DETAIL: Final = 1000
"""The most characters of a sentence."""
MAX_ERRORS: Final = 100
"""The most errors listed one by one."""
MAX_TOLD: Final = 1_000_000
"""The most bytes of errors in a response to an empty request."""
TOLD_PER_BYTE: Final = 10
"""The further bytes allowed for each byte of the request."""

# Bytes of markup around an error, in the longer of the formats.
_AROUND: Final = 250
_PLAIN: Final = re.compile(r"[\w#/.-]*", re.ASCII)
# An odd character takes three in a pointer, and is repeated in the field's name.
_ODD_POINTER: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The failed part of an outcome, without its operation."""

    status: int
    problem: Problem
    errors: tuple[Problem, ...] = ()
    retry_after: int | None = None
    untold: int = 0
    """The number of errors left out. The last of `errors` says so."""


class Allowance:
    """Limits the errors in a response, so that no small request has a huge one."""

    def __init__(self, size: int) -> None:
        """`size` is the number of bytes of the request."""
        self._left = MAX_TOLD + TOLD_PER_BYTE * size

    def cut(self, failure: Failure) -> Failure:
        """Return the failure with as many errors as are allowed, at least one."""
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
    """Return a failure, its sentence limited in length."""
    problem = Problem(code=str(code), detail=cut(detail))
    return Failure(
        status=status,
        problem=problem,
        errors=(*errors, *tell_more(untold)),
        retry_after=retry_after,
        untold=untold,
    )


def invalid(errors: Sequence[Problem]) -> Failure:
    """Return the failure of an operation with invalid data."""
    fields = {error.pointer for error in errors} - {ROOT}
    told = [replace(each, detail=cut(each.detail)) for each in errors[:MAX_ERRORS]]
    return fail_with_errors(400, "invalid", told, fields=len(fields), total=len(errors))


def fail_with_errors(
    status: int, code: str, told: Sequence[Problem], *, fields: int, total: int
) -> Failure:
    """Return a failure with the errors that are told of a total, in some fields."""
    return fail(
        status,
        code,
        _summarize(told, fields=fields),
        errors=tuple(told),
        untold=total - len(told),
    )


def get_unexpected(
    detail: str = "An unexpected error occurred; it is logged.",
) -> Failure:
    """Return the failure of an unexpected exception, without any of its details."""
    return fail(500, "error", detail)


def to_outcome(failure: Failure, **members: Any) -> Outcome:
    """Return the outcome of an operation with this failure."""
    return Outcome(
        status=failure.status,
        problem=failure.problem,
        errors=failure.errors,
        retry_after=failure.retry_after,
        **members,
    )


def cut(text: Any) -> str:
    """Return a text of at most `MAX_DETAIL` characters, cut with an ellipsis."""
    text = str(text)
    return text if len(text) <= MAX_DETAIL else f"{text[: MAX_DETAIL - 1]}…"


def tell_more(untold: int) -> tuple[Problem, ...]:
    """Return the error that counts those left out, if any."""
    if not untold:
        return ()
    detail = (
        "There is 1 more error." if untold == 1 else f"There are {untold} more errors."
    )
    return (Problem(code="more_errors", detail=detail, pointer=ROOT),)


def _summarize(errors: Sequence[Problem], *, fields: int) -> str:
    """Return the sentence that sums up errors in this many fields."""
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
    """Return the approximate bytes of an error, in the longer of the formats."""
    pointer, detail = error.pointer or "", str(error.detail)
    weight = 1 if _PLAIN.fullmatch(pointer) else _ODD_POINTER
    escaped = sum(map(detail.count, "&<>\r"))
    return (
        _AROUND
        + weight * len(pointer)
        + len(detail.encode("utf-8", "surrogatepass"))
        + 4 * escaped
    )
