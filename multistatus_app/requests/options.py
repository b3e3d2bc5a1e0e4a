"""Query options and `Prefer`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from rest_framework.exceptions import ParseError

from multistatus_app.exceptions import NothingToMatch, show

if TYPE_CHECKING:
    from django.http import QueryDict
    from rest_framework.request import Request

QUERY_OPTIONS: Final = ("atomic", "dry_run", "only_failures")
_BY_LETTERS: Final = {name.replace("_", ""): name for name in QUERY_OPTIONS}
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}

# RFC 7240 2: preferences are separated by commas outside quoted strings, and parameters
# follow a semicolon. Possessive, so that hostile headers cost nothing.
_PREFERENCE: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*+"?)++', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one request."""

    atomic: bool = False
    """All or nothing: one failure undoes everything."""
    dry_run: bool = False
    """Everything runs, nothing is kept."""
    only_failures: bool = False
    """Only failed results are listed."""
    preference: str | None = None
    """`minimal` or `representation` if the client preferred one of them."""

    @property
    def minimal(self) -> bool:
        """True if successful results come without their data."""
        return self.preference == "minimal"

    @classmethod
    def read(cls, request: Request) -> Self:
        """Read the options of a request.

        Raises:
            ParseError: an option that is neither true nor false, stands twice, or is
                spelled in another way.
            NothingToMatch: an `If-Match` header.
        """
        query: QueryDict = request.query_params
        _check_names(query)
        if "If-Match" in request.headers:
            # The route has no representation (RFC 9110 13.1.1).
            raise NothingToMatch
        return cls(
            **{name: _read_boolean(query, name) for name in QUERY_OPTIONS},
            preference=_read_preference(request),
        )


def _check_names(query: QueryDict) -> None:
    """Refuse names that differ from an option in case, `-` or `_`, as typos do."""
    for name in query:
        letters = name.lower().replace("-", "").replace("_", "")
        known = _BY_LETTERS.get(letters)
        if known is not None and name != known:
            raise ParseError(
                f"There is no query option {show(name)}; the option is {known}."
            )


def _read_boolean(query: QueryDict, name: str) -> bool:
    values = query.getlist(name)
    if len(values) > 1:
        raise ParseError(f"The query option {name} stands {len(values)} times.")
    value = values[0] if values else "false"
    if value not in _BOOLEANS:
        raise ParseError(
            f"The query option {name} takes true, false, 1 or 0, not {show(value)}."
        )
    return _BOOLEANS[value]


def _read_preference(request: Request) -> str | None:
    """Return the value of the first `return` preference, if it is known (RFC 7240)."""
    for match in _PREFERENCE.finditer(request.headers.get("Prefer", "")):
        name, _, value = match[0].partition(";")[0].partition("=")
        if name.strip().lower() == "return":
            value = value.strip().strip('"').lower()
            return value if value in ("minimal", "representation") else None
    return None
