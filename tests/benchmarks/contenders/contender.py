"""What every contender is: a name, a call made ready, and how to read what it told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.loads import Load, NotDone
from tests.benchmarks.wire import Answer, ask

Call = Callable[[], Any]


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A way to write many rows."""

    name: str
    prepare: Callable[[Load], Call]
    """Returns the call whose time is measured; what it does itself is not."""
    count: Callable[[Load, Any], int]
    """Returns how many operations the answer says were done."""
    has_statuses: bool = False
    """Whether it goes on where an operation is refused, and says which."""
    is_slow: bool = False
    """Whether it is left out of requests that are too long for it."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """The kinds that it cannot do, with the reason."""


def send_to(url: str) -> Callable[[Load], Call]:
    """Return a `prepare` that sends all rows in one request."""

    def prepare(load: Load) -> Call:
        body = json.dumps(load.rows).encode()
        return lambda: ask(load.method, url, body)

    return prepare


def count_all(load: Load, answer: Answer) -> int:
    """Believe an answer that gives one status for everything."""
    if not 200 <= answer.status < 300:
        raise NotDone(f"answered {answer.status}: {answer.content[:200].decode()}")
    return len(load.rows)
