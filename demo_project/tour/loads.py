"""Documents into the API, through its bulk endpoint, and what became of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from demo_project.tour.clients import Client

CHUNK: Final = 1000
"""How many documents travel in one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a document was refused."""

    status: int
    code: str
    detail: str

    @classmethod
    def from_result(cls, result: dict[str, Any]) -> Reason:
        """Read it off one result of a 207."""
        error = result["error"]
        problems = error.get("errors", [error])
        return cls(
            status=result["status"],
            code=", ".join(problem["code"] for problem in problems),
            detail=" ".join(
                f"{problem.get('pointer', '#')[2:]} {problem['detail']}".lstrip()
                for problem in problems
            ),
        )


@dataclass(slots=True, kw_only=True)
class Load:
    """One kind of document: what was sent, and what came of it."""

    path: str
    """The list, as `/api/cities/`."""
    documents: list[dict[str, Any]]
    """What shall be there in the end."""
    existing: int = 0
    """How many of them were there before."""
    created: int = 0
    """How many came to be."""
    seconds: float = 0
    """How long the requests took."""
    refused: Counter[Reason] = field(default_factory=Counter)
    """How many did not, by reason."""
    examples: dict[Reason, str] = field(default_factory=dict)
    """The name of the first document of each reason."""

    def run(self, client: Client, on_progress: Callable[[int], None]) -> None:
        """Ask what is there and send the rest, telling how many are done."""
        known = {found["geonameid"] for found in client.get_all(self.path)}
        missing = [each for each in self.documents if each["geonameid"] not in known]
        self.existing = len(self.documents) - len(missing)
        on_progress(self.existing)
        for start in range(0, len(missing), CHUNK):
            chunk = missing[start : start + CHUNK]
            started = time.perf_counter()
            results = client.create(self.path, chunk)
            self.seconds += time.perf_counter() - started
            for document, result in zip(chunk, results, strict=True):
                self.count(document, result)
            on_progress(len(chunk))

    def count(self, document: dict[str, Any], result: dict[str, Any]) -> None:
        """Book the result of one document."""
        if "error" not in result:
            self.created += 1
            return
        reason = Reason.from_result(result)
        self.refused[reason] += 1
        country = document.get("country", "")
        self.examples.setdefault(reason, f"{document['name']} {country}".rstrip())
