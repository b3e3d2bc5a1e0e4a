"""The responses to requests that are refused as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from rest_framework import exceptions, permissions
from rest_framework.authentication import SessionAuthentication

from multistatus_app.exceptions import (
    DatabaseUnavailable,
    TooManyOperations,
    UnsupportedFormat,
)
from multistatus_app.formats.dav import write_error
from multistatus_app.openapi.singles import SingleEndpoint
from multistatus_app.outcomes import Problem
from multistatus_app.settings import get_bulk_limit

# These refuse only users who are not authenticated.
_WEAK: Final = (permissions.IsAuthenticated, permissions.IsAuthenticatedOrReadOnly)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One status with its description."""

    status: int
    description: str
    """When the route answers so."""
    exception: exceptions.APIException | None = None
    """The exception, for an example, or None if there are several."""

    def to_json(self) -> dict[str, Any] | None:
        """Return the response of DRF's exception handler."""
        return {"detail": str(self.exception.detail)} if self.exception else None

    def to_xml(self) -> str | None:
        """Return the response in XML."""
        if self.exception is None:
            return None
        detail: Any = self.exception.detail
        return "".join(write_error(Problem(code=detail.code, detail=str(detail))))


def get_refusals(view: Any, singles: Sequence[SingleEndpoint]) -> list[Refusal]:
    """Return the refusals of a route, in the order of their statuses."""
    limit = get_bulk_limit(view)
    taken = dict.fromkeys(str(each.media_type) for each in view.get_parsers())
    found = {
        "Nothing acceptable can be answered.": exceptions.NotAcceptable(),
        f"More than {limit} operations, or a body that is too large.": (
            TooManyOperations(limit=limit, actual=limit + 1)
        ),
        "The media type of the body is not understood.": (
            UnsupportedFormat("text/csv", taken=[*taken])
        ),
        "The database could not complete the request.": DatabaseUnavailable(),
        **_get_denials(view, singles),
    }
    if view.get_throttles():
        found["Too many requests."] = exceptions.Throttled(wait=30)
    refusals = [
        Refusal(status=_get_status(view, exc), description=description, exception=exc)
        for description, exc in found.items()
    ]
    malformed = "The body or a query option is malformed."
    return [
        Refusal(status=400, description=malformed),
        *sorted(refusals, key=lambda each: each.status),
    ]


def _get_denials(
    view: Any, singles: Sequence[SingleEndpoint]
) -> dict[str, exceptions.APIException]:
    """Return the refusals for lack of authentication or permission."""
    asked = [
        permission
        for single in singles
        for permission in single.view.get_permissions()
        if not isinstance(permission, permissions.AllowAny)
    ]
    authenticators = view.get_authenticators()
    denied = not all(isinstance(each, _WEAK) for each in asked) or any(
        isinstance(each, SessionAuthentication) for each in authenticators
    )
    found: dict[str, exceptions.APIException] = {}
    if authenticators:
        found["Not authenticated."] = exceptions.NotAuthenticated()
    if denied or (asked and not authenticators):
        found["Not permitted."] = exceptions.PermissionDenied()
    statuses = {_get_status(view, exception) for exception in found.values()}
    return found if len(statuses) == len(found) else dict([found.popitem()])


def _get_status(view: Any, exception: exceptions.APIException) -> int:
    """Return the status of an exception. Without a challenge, a 401 becomes a 403."""
    if isinstance(exception, exceptions.NotAuthenticated):
        return 401 if view.get_authenticate_header(view.request) else 403
    return exception.status_code
