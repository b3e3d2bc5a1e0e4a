"""The state of one operation, which its handler and its view share.

It travels on the HttpRequest, so that a viewset needs no attribute of ours. The mixin
reads it; a request without one is a single request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from multistatus_app.handlers.throttles import Throttles
from multistatus_app.outcomes import Operation
from multistatus_app.problems import Failure

_ATTRIBUTE: Final = "_multistatus_state"
_UNSAID: Final = object()


@dataclass(slots=True, kw_only=True, eq=False)
class OperationState:
    """One call of a single route's view."""

    operation: Operation
    """The operation that the call is for."""
    bare: Any
    """An instance of the viewset that runs no operation."""
    throttles: Throttles
    """The throttles of the operations of the same request."""
    hand_over: Callable[[OperationState, Any], None]
    """Sets the data and the user of the DRF request."""
    given: dict[str, Any] = field(default_factory=dict)
    """The attributes of the HttpRequest as it was made."""
    is_read: bool = False
    """True for a GET of ours, which learns an entity tag."""
    undo: Callable[[], None] | None = None
    """Rolls back the operation's writes so far, or None if nothing can."""
    precondition: Callable[[Any], None] | None = None
    """Compares `if_match`, given the view, or None if there is none."""
    serializers: Any = None
    """The templates that `get_serializer()` asks: `lend(view, instance, data, …)`."""
    view: Any = None
    """The view that handled the request."""
    exception: Exception | None = None
    """The exception given to `handle_exception()`."""
    failure: Failure | None = None
    """That exception, explained before the project's handler saw it."""
    is_undone: bool = False
    """True if the operation's writes were rolled back."""
    handled: Any = None
    """The response that `handle_exception()` returned."""
    refusal: Exception | None = None
    """The exception by which `check_permissions()` refused."""
    serializer: Any = None
    """The last serializer that was given data."""
    instance: Any = None
    """The object that `get_object()` last returned."""
    key: Any = None
    """Its primary key at that time, as a deletion removes it."""


def get_state(request: Any) -> OperationState | None:
    """Return the state on a request, Django's or DRF's."""
    found = getattr(request, "__dict__", {}).get(_ATTRIBUTE, _UNSAID)
    if found is _UNSAID:
        found = getattr(getattr(request, "_request", None), _ATTRIBUTE, None)
    state: OperationState | None = found
    return state


def set_state(request: Any, state: OperationState | None) -> None:
    """Set the state on a request, Django's or DRF's.

    A DRF request may have None though its HttpRequest has a state: the operation's view
    has called another view with that.
    """
    vars(request)[_ATTRIBUTE] = state
