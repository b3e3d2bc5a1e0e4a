"""Elements of a request that are not plain data, and why not.

Parsers put them in a document in the place of the data; `operations` reads them. So
what is odd in one element is the problem of one operation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class OddElement:
    """An element that could not be read."""

    detail: str
    """A person's sentence: what would have been right."""
    pointer: str
    """Where in the operation's data."""
    data: dict[str, Any] = field(default_factory=dict)
    """The fields that could be read all the same."""


class Fields(dict[str, Any]):
    """The fields of an element that holds elements of other namespaces, too."""

    def __init__(self, fields: dict[str, Any], *, foreign: tuple[str, ...]) -> None:
        """Keep the names of the others, in Clark notation."""
        super().__init__(fields)
        self.foreign = foreign
