"""What a request asks for beside its operations: query options and `Prefer`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from rest_framework.exceptions import ParseError

if TYPE_CHECKING:
    from django.http import HttpRequest, QueryDict
    from rest_framework.request import Request

QUERY_OPTIONS: Final = ("atomic", "dry_run")
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}

# RFC 7240 2: preferences are separated by commas, but for those in a quoted string;
# parameters follow a semicolon. Possessive, so that a hostile header costs nothing.
_PREFERENCE: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*+"?)++', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one request."""

    atomic: bool = False
    """All or nothing: one failure undoes everything."""
    dry_run: bool = False
    """Everything runs, nothing is kept."""
    preference: str | None = None
    """`minimal` or `representation` if the client preferred one of them."""

    @property
    def minimal(self) -> bool:
        """Whether successful results come without their data."""
        return self.preference == "minimal"

    @classmethod
    def read(cls, request: Request) -> Self:
        """Read the options of a request.

        Raises:
            ParseError: an option that is neither true nor false, or stands twice.
        """
        query: QueryDict = request.query_params
        return cls(
            atomic=_read_boolean(query, "atomic"),
            dry_run=_read_boolean(query, "dry_run"),
            preference=_read_preference(request._request),
        )


def _read_boolean(query: QueryDict, name: str) -> bool:
    values = query.getlist(name)
    if len(values) > 1:
        raise ParseError(f"The query option {name} stands {len(values)} times.")
    value = values[0] if values else "false"
    if value not in _BOOLEANS:
        raise ParseError(
            f"The query option {name} takes true, false, 1 or 0, not {value!r}."
        )
    return _BOOLEANS[value]


def _read_preference(request: HttpRequest) -> str | None:
    """Return the value of the first `return` preference, if we know it (RFC 7240)."""
    for match in _PREFERENCE.finditer(request.headers.get("Prefer", "")):
        name, _, value = match[0].partition(";")[0].partition("=")
        if name.strip().lower() == "return":
            value = value.strip().strip('"').lower()
            return value if value in ("minimal", "representation") else None
    return None
