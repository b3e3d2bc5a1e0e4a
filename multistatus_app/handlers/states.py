"""What one operation's view is handed, and what it notes on its way.

The state travels on the HttpRequest, so that a viewset needs no attribute of ours. The
mixin reads it; a request that has none is a single request.
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
    """What charges the operations of the same request."""
    hand_over: Callable[[OperationState, Any], None]
    """Gives REST framework's request the data and the user that are known."""
    given: dict[str, Any] = field(default_factory=dict)
    """The attributes of the HttpRequest as it was made."""
    is_read: bool = False
    """Whether it is a GET of ours, to learn an entity tag."""
    undo: Callable[[], None] | None = None
    """Rolls back what the operation has written so far; None where nothing can."""
    precondition: Callable[[Any], None] | None = None
    """Compares `if_match`, given the view; None where there is nothing to compare."""
    serializers: Any = None
    """Where `get_serializer()` finds one: it has `lend(view, instance, data, …)`."""
    view: Any = None
    """The view that took the request."""
    exception: Exception | None = None
    """The exception that `handle_exception()` was given."""
    failure: Failure | None = None
    """That exception in our words, from before the project's handler saw it."""
    is_undone: bool = False
    """Whether what the operation had written was rolled back."""
    handled: Any = None
    """The response that `handle_exception()` made."""
    refusal: Exception | None = None
    """The exception by which `check_permissions()` refused."""
    serializer: Any = None
    """The last serializer that was given data."""
    instance: Any = None
    """The object that `get_object()` returned last."""
    key: Any = None
    """The primary key that it had then: a deletion takes it away."""


def get_state(request: Any) -> OperationState | None:
    """Find the state of an operation on its request, Django's or REST framework's."""
    found = getattr(request, "__dict__", {}).get(_ATTRIBUTE, _UNSAID)
    if found is _UNSAID:
        found = getattr(getattr(request, "_request", None), _ATTRIBUTE, None)
    state: OperationState | None = found
    return state


def set_state(request: Any, state: OperationState | None) -> None:
    """Let a request, Django's or REST framework's, carry the state of an operation.

    REST framework's may have none though Django's has one: another view was called
    with that, by the view of the operation.
    """
    vars(request)[_ATTRIBUTE] = state
