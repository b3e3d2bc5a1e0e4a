"""A Failure: everything that an exception or a document says of why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from multistatus_app.outcomes import Outcome, Problem

ROOT: Final = "#"
"""The pointer to the data as a whole."""
MAX_DETAIL: Final = 1000
"""How many characters of a sentence are told."""
MAX_ERRORS: Final = 100
"""How many messages are told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What an exception says: everything of an outcome but whose it is."""

    status: int
    problem: Problem
    errors: tuple[Problem, ...] = ()
    retry_after: int | None = None


def fail(
    status: int,
    code: Any,
    detail: Any,
    *,
    errors: tuple[Problem, ...] = (),
    retry_after: int | None = None,
) -> Failure:
    """Return a failure whose sentence is not too long."""
    problem = Problem(code=str(code), detail=cut(detail))
    return Failure(
        status=status, problem=problem, errors=errors, retry_after=retry_after
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
        errors=(*told, *tell_more(len(errors))),
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


def tell_more(total: int) -> tuple[Problem, ...]:
    """Return the message that says how many of `total` are not told, if any."""
    more = total - MAX_ERRORS
    if more <= 0:
        return ()
    detail = "There is 1 more error." if more == 1 else f"There are {more} more errors."
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
