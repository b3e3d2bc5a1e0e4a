"""The responses to requests that are refused as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rest_framework import exceptions, permissions
from rest_framework.authentication import SessionAuthentication
from rest_framework.views import exception_handler

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
    exception: exceptions.APIException | None
    """The exception, for an example, or None if there are several."""

    def to_json(self) -> dict[str, Any] | None:
        """Return the response of DRF's exception handler."""
        if self.exception is None:
            return None
        return {"detail": str(self.exception.detail)}

    def to_xml(self) -> str | None:
        """Return the response in XML."""
        detail: Any = getattr(self.exception, "detail", None)
        if detail is None:
            return None
        return "".join(write_error(Problem(code=detail.code, detail=str(detail))))


def is_inherited(view: Any) -> bool:
    """Return True if DRF's own exception handler answers refusals."""
    handler: Callable[..., Any] = view.get_exception_handler()
    return handler is exception_handler


def get_refusals(view: Any, singles: Sequence[SingleEndpoint]) -> list[Refusal]:
    """Return the refusals of a route, in the order of their statuses."""
    limit = get_bulk_limit(view)
    too_many = TooManyOperations(limit=limit, actual=limit + 1)
    found: list[tuple[str, exceptions.APIException]] = [
        ("Nothing acceptable can be answered.", exceptions.NotAcceptable()),
        (f"More than {limit} operations, or a body that is too large.", too_many),
        (
            "The media type of the body is not understood.",
            UnsupportedFormat(
                "text/csv",
                taken=list(
                    dict.fromkeys(str(p.media_type) for p in view.get_parsers())
                ),
            ),
        ),
        ("The database could not complete the request.", DatabaseUnavailable()),
        *_get_denials(view, singles),
    ]
    if view.get_throttles():
        found.append(("Too many requests.", exceptions.Throttled(wait=30)))
    malformed = Refusal(
        status=400,
        description="The body or a query option is malformed.",
        exception=None,
    )
    refusals = [
        Refusal(
            status=_get_status(view, exception),
            description=description,
            exception=exception,
        )
        for description, exception in found
    ]
    return [malformed, *sorted(refusals, key=lambda each: each.status)]


def _get_denials(
    view: Any, singles: Sequence[SingleEndpoint]
) -> list[tuple[str, exceptions.APIException]]:
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
    found: list[tuple[str, exceptions.APIException]] = []
    if authenticators:
        found.append(("Not authenticated.", exceptions.NotAuthenticated()))
    if denied or (asked and not authenticators):
        found.append(("Not permitted.", exceptions.PermissionDenied()))
    statuses = {_get_status(view, exception) for _, exception in found}
    return found if len(statuses) == len(found) else found[-1:]


def _get_status(view: Any, exception: exceptions.APIException) -> int:
    """Return the status of an exception. Without a challenge, a 401 becomes a 403."""
    if isinstance(exception, exceptions.NotAuthenticated):
        authenticators = view.get_authenticators()
        challenge = authenticators and authenticators[0].authenticate_header(
            view.request
        )
        return 401 if challenge else 403
    return exception.status_code
