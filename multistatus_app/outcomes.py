"""The model: what was asked, what became of it, and the document that says so.

Values only. Parsers and `operations` make Operations, handlers turn them into Outcomes,
renderers read a MultiStatus. Nothing here knows Django or HTTP beyond its status codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from http import HTTPStatus
from typing import Any, Final, Literal, Self


class Absent(Enum):
    """The type of `ABSENT`; an enum, so that it pickles and type checkers narrow it."""

    ABSENT = "absent"

    def __bool__(self) -> Literal[False]:
        return False


ABSENT: Final = Absent.ABSENT
"""What a member that is not there holds, where `None` is a value of its own."""

# Python's phrases differ between versions, and not every status of a view is in it.
_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus} | {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}


# Statuses that say that nothing is at the path which was asked for.
_NOWHERE: Final = frozenset({404, 410})


def get_phrase(status: int) -> str:
    """Return the reason phrase of a status; of an unknown one, that of its class."""
    classes = {1: "Informational", 2: "Success", 3: "Redirection", 4: "Client Error"}
    return _PHRASES.get(status) or classes.get(status // 100, "Server Error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why an operation, or one value in its data, was not accepted."""

    code: str
    """A machine's word: the `code` of the exception or of the validation error."""
    detail: str
    """A person's sentence."""
    pointer: str | None = None
    """Where in the operation's data: an RFC 6901 pointer in fragment form, `#` for the
    data as a whole; None where it is not about the data."""

    def to_dict(self) -> dict[str, Any]:
        """Return the members that are there; `from_dict` reads them back."""
        document = {"code": self.code, "detail": self.detail}
        return (
            document if self.pointer is None else {"pointer": self.pointer} | document
        )

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Rebuild what `to_dict` returned."""
        return cls(**document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that was asked for."""

    index: int
    """Its place in the request, from 0."""
    method: str | None
    """`POST`, `PUT`, `PATCH` or `DELETE`; None where the request named none of them."""
    key: str | None = None
    """The value of the lookup field, as a URL would carry it; None for a create."""
    data: Any = ABSENT
    """What the single request would have had as its body."""
    ref: str | None = None
    """The client's own mark, echoed."""
    if_match: str | None = None
    """An entity tag that the resource must still have, or `*`."""
    problems: tuple[Problem, ...] = ()
    """Why it cannot be run, found while it was read; each has a pointer."""
    foreign: tuple[str, ...] = ()
    """The elements of other namespaces in its XML, in Clark notation: fields, if their
    names are those of fields, that nobody may pass over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an operation: a `DAV:response` (RFC 4918 14.24)."""

    operation: Operation
    status: int
    """The status that the single endpoint would have answered."""
    href: str | None = None
    """The absolute path of the resource that was named or made; None if neither."""
    etag: str | None = None
    """The entity tag of the resource as it is now, on success."""
    data: Any = ABSENT
    """The representation, on success."""
    problem: Problem | None = None
    """Why not. There exactly if the status is not a 2xx."""
    errors: tuple[Problem, ...] = ()
    """The single messages of a problem with the data, each with its pointer."""
    retry_after: int | None = None
    """Seconds after which to come again, where the failure says so."""

    def __post_init__(self) -> None:
        """Refuse what cannot be.

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
        """Whether it was done."""
        return 200 <= self.status < 300

    def to_dict(self) -> dict[str, Any]:
        """Return the result as the wire has it: absent members are left out."""
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
        """Rebuild an outcome from its result; what was asked beyond it is not there."""
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
class MultiStatus:
    """The document: a `DAV:multistatus` (RFC 4918 14.16)."""

    outcomes: tuple[Outcome, ...]
    """One per operation, in the order of the request."""
    committed: bool
    """Whether what succeeded is kept: false for a dry run and an atomic failure."""
    unlisted: int = 0
    """How many successes are counted and not listed (`only_failures`)."""

    @property
    def total(self) -> int:
        """How many operations there were."""
        return len(self.outcomes) + self.unlisted

    @property
    def succeeded(self) -> int:
        """How many of them have a 2xx."""
        return sum(outcome.ok for outcome in self.outcomes) + self.unlisted

    @property
    def failed(self) -> int:
        """How many of them have not."""
        return self.total - self.succeeded

    @property
    def detail(self) -> str:
        """The whole in one sentence."""
        return f"{self.succeeded} of {self.total} operations succeeded."

    def without_data(self) -> Self:
        """Return the document without representations (`Prefer: return=minimal`)."""
        outcomes = tuple(replace(each, data=ABSENT) for each in self.outcomes)
        return replace(self, outcomes=outcomes)

    def only_failures(self) -> Self:
        """Return the document with the failed results alone; its counts stay."""
        failed = tuple(each for each in self.outcomes if not each.ok)
        unlisted = self.unlisted + len(self.outcomes) - len(failed)
        return replace(self, outcomes=failed, unlisted=unlisted)

    def to_dict(self) -> dict[str, Any]:
        """Return the document as the wire has it in JSON."""
        succeeded = self.succeeded
        total = self.total
        return {
            "results": [outcome.to_dict() for outcome in self.outcomes],
            "summary": {
                "total": total,
                "succeeded": succeeded,
                "failed": total - succeeded,
                "committed": self.committed,
            },
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Rebuild a document from what `to_dict` returned."""
        return cls(
            outcomes=tuple(map(Outcome.from_dict, document["results"])),
            committed=document["summary"]["committed"],
            unlisted=document["summary"]["total"] - len(document["results"]),
        )
