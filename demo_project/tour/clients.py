"""A client of the API, made of the standard library alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

JSON: Final = "application/json"
XML: Final = "application/xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the API answered."""

    line: str
    """Status and phrase, and what the batch came to: `207 Multi-Status, total=2…`."""
    text: str
    """The body."""

    def read(self) -> Any:
        """Return the JSON in the body."""
        return json.loads(self.text)


class UnexpectedAnswer(Exception):
    """A request was refused as a whole."""


class Client:
    """Requests over one connection, one after the other."""

    def __init__(self, connection: HTTPConnection) -> None:
        self.connection = connection

    def send(
        self,
        method: str,
        path: str,
        *,
        body: str | None = None,
        content_type: str = JSON,
    ) -> Answer:
        """Return the answer of the API, in the media type that was sent.

        Raises:
            UnexpectedAnswer: the status is not a 2xx.
        """
        self.connection.request(
            method,
            path,
            body=None if body is None else body.encode(),
            headers={"Accept": content_type, "Content-Type": content_type},
        )
        response = self.connection.getresponse()
        text = response.read().decode()
        if not 200 <= response.status < 300:
            raise UnexpectedAnswer(f"{method} {path} → {response.status}: {text:.500}")
        line = f"{response.status} {response.reason}"
        summary = response.headers.get("Multistatus-Summary")
        return Answer(line=f"{line}, {summary}" if summary else line, text=text)

    def get_all(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield what a list holds, page by page."""
        for page in count(1):
            answer = self.send("GET", f"{path}?page_size=1000&page={page}").read()
            yield from answer["results"]
            if answer["next"] is None:
                return

    def create(self, path: str, documents: list[dict[str, Any]]) -> list[Any]:
        """Create many in one request; return the result of each, in order."""
        answer = self.send("POST", f"{path}bulk/", body=json.dumps(documents))
        results: list[Any] = answer.read()["results"]
        return results


@contextmanager
def connect(address: str) -> Iterator[Client]:
    """Connect to an address while the context lasts."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=300)
    try:
        yield Client(connection)
    finally:
        connection.close()
