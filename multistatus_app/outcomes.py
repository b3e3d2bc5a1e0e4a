"""The model: operations, their outcomes, and the document that reports them.

These are values only. `requests` makes Operations, handlers turn them into Outcomes,
renderers read a MultiStatus. Nothing here knows Django, or HTTP beyond its status
codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import Enum
from http import HTTPStatus
from typing import Any, Final, Literal, Self


class Absent(Enum):
    """The type of `ABSENT`. An enum can be pickled, and type checkers narrow it."""

    ABSENT = "absent"

    def __bool__(self) -> Literal[False]:
        return False


ABSENT: Final = Absent.ABSENT
"""The value of a missing member, where `None` is a value of its own."""

# Python's phrases differ between versions, and cover not every status.
_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus} | {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
# Statuses of a missing resource.
_NOWHERE: Final = frozenset({404, 410})


def get_phrase(status: int) -> str:
    """Return the reason phrase of a status, or of its class if it is unknown."""
    classes = {1: "Informational", 2: "Success", 3: "Redirection", 4: "Client Error"}
    return _PHRASES.get(status) or classes.get(status // 100, "Server Error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why an operation, or one value in its data, was not accepted."""

    code: str
    """The `code` of the exception or of the validation error, for programs."""
    detail: str
    """A sentence for people."""
    pointer: str | None = None
    """An RFC 6901 pointer into the operation's data, in fragment form. `#` is the data
    as a whole, None a problem that is not about the data."""

    def to_dict(self) -> dict[str, Any]:
        """Return the members that are set. `from_dict` reverses it."""
        document = {"code": self.code, "detail": self.detail}
        return (
            document if self.pointer is None else {"pointer": self.pointer} | document
        )

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Return the problem that `to_dict` was called on."""
        return cls(**document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One requested operation."""

    index: int
    """Its place in the request, from 0."""
    method: str | None
    """`POST`, `PUT`, `PATCH` or `DELETE`, or None if the request named none of them."""
    key: str | None = None
    """The value of the lookup field as text, as in a URL. None for a create."""
    data: Any = ABSENT
    """The body of the single request."""
    ref: str | None = None
    """The client's own identifier, returned in the result."""
    if_match: str | None = None
    """An entity tag that the resource must still have, or `*`."""
    problems: tuple[Problem, ...] = ()
    """The problems found while it was read, each with a pointer. It is not run then."""
    foreign: tuple[str, ...] = ()
    """The elements of other namespaces in its XML, in Clark notation. Those with the
    name of a field must not be ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of an operation: a `DAV:response` (RFC 4918 14.24)."""

    operation: Operation
    status: int
    """The status that the single endpoint would have answered."""
    href: str | None = None
    """The absolute path of the resource that was named or created, or None."""
    etag: str | None = None
    """The entity tag of the resource as it is now, on success."""
    data: Any = ABSENT
    """The representation, on success."""
    problem: Problem | None = None
    """The reason of a failure. It is set exactly if the status is not a 2xx."""
    errors: tuple[Problem, ...] = ()
    """The separate errors of a problem with the data, each with its pointer."""
    retry_after: int | None = None
    """Seconds after which to retry, if the failure says so."""

    def __post_init__(self) -> None:
        """Check that a problem is set exactly for a failure.

        Raises:
            ValueError: a success with a problem, or a failure without one.
        """
        if self.ok == (self.problem is not None):
            raise ValueError(
                f"An outcome has a problem exactly if its status is not a 2xx, "
                f"got status {self.status} and problem {self.problem!r}."
            )

    @property
    def ok(self) -> bool:
        """True if the status is a 2xx."""
        return 200 <= self.status < 300

    def to_dict(self) -> dict[str, Any]:
        """Return the result as in a response. Absent members are left out."""
        operation = self.operation
        document: dict[str, Any] = {"index": operation.index}
        if operation.ref is not None:
            document["ref"] = operation.ref
        if operation.method is not None:
            document["method"] = operation.method
        document["status"] = self.status
        if self.href is not None and self.status not in _NOWHERE:
            document["href"] = self.href
        if self.etag is not None:
            document["etag"] = self.etag
        if self.data is not ABSENT:
            document["data"] = self.data
        if self.problem is not None:
            document["error"] = self._get_error(self.problem)
        if self.retry_after is not None:
            document["retry_after"] = self.retry_after
        return document

    def _get_error(self, problem: Problem) -> dict[str, Any]:
        """Return the RFC 9457 problem object."""
        error: dict[str, Any] = {
            "status": self.status,
            "title": get_phrase(self.status),
            "code": problem.code,
            "detail": problem.detail,
        }
        if self.errors:
            error["errors"] = [each.to_dict() for each in self.errors]
        return error

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Return the outcome of a result. The rest of its operation is not known."""
        error = document.get("error")
        return cls(
            operation=Operation(
                index=document["index"],
                method=document.get("method"),
                ref=document.get("ref"),
            ),
            status=document["status"],
            href=document.get("href"),
            etag=document.get("etag"),
            data=document.get("data", ABSENT),
            problem=error and Problem(code=error["code"], detail=error["detail"]),
            errors=tuple(map(Problem.from_dict, (error or {}).get("errors", ()))),
            retry_after=document.get("retry_after"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The counts of a document. All formats write these members, in this order."""

    total: int
    """The number of operations."""
    succeeded: int
    """The number of operations with a 2xx."""
    failed: int
    """The number of operations without a 2xx."""
    committed: bool
    """False after a dry run, and after an atomic request that failed."""

    def to_dict(self) -> dict[str, int | bool]:
        """Return the members by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiStatus:
    """The document: a `DAV:multistatus` (RFC 4918 14.16)."""

    outcomes: tuple[Outcome, ...]
    """One per operation, in the order of the request."""
    committed: bool
    """True if successes are kept: false for a dry run and a failed atomic request."""
    unlisted: int = 0
    """How many successes are counted but not listed (`only_failures`)."""

    @property
    def total(self) -> int:
        """The number of operations."""
        return len(self.outcomes) + self.unlisted

    @property
    def succeeded(self) -> int:
        """The number of operations with a 2xx."""
        return sum(outcome.ok for outcome in self.outcomes) + self.unlisted

    @property
    def failed(self) -> int:
        """The number of operations without a 2xx."""
        return self.total - self.succeeded

    @property
    def summary(self) -> Summary:
        """The counts."""
        total, succeeded = self.total, self.succeeded
        return Summary(
            total=total,
            succeeded=succeeded,
            failed=total - succeeded,
            committed=self.committed,
        )

    @property
    def detail(self) -> str:
        """A sentence that sums up the outcomes."""
        return f"{self.succeeded} of {self.total} operations succeeded."

    def without_data(self) -> Self:
        """Return the document without representations (`Prefer: return=minimal`)."""
        outcomes = tuple(replace(each, data=ABSENT) for each in self.outcomes)
        return replace(self, outcomes=outcomes)

    def only_failures(self) -> Self:
        """Return the document with the failed results alone. Its counts stay."""
        failed = tuple(each for each in self.outcomes if not each.ok)
        unlisted = self.unlisted + len(self.outcomes) - len(failed)
        return replace(self, outcomes=failed, unlisted=unlisted)

    def to_dict(self) -> dict[str, Any]:
        """Return the document as in a JSON response."""
        return {
            "results": [outcome.to_dict() for outcome in self.outcomes],
            "summary": self.summary.to_dict(),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Return the document that `to_dict` was called on."""
        return cls(
            outcomes=tuple(map(Outcome.from_dict, document["results"])),
            committed=document["summary"]["committed"],
            unlisted=document["summary"]["total"] - len(document["results"]),
        )
