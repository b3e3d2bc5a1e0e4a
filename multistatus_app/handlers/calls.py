"""The call of a single route's own view."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import async_to_sync
from django.http.response import HttpResponseBase

from multistatus_app import problems
from multistatus_app.exceptions import DatabaseUnavailable
from multistatus_app.handlers.paths import Place
from multistatus_app.handlers.states import OperationState


def call_view(place: Place, http: Any, state: OperationState) -> HttpResponseBase:
    """Call the view that a place leads to.

    Raises:
        DatabaseUnavailable: the transaction cannot go on.
        Exception: whatever comes out of the view.
    """
    view: Any = place.match.func
    args, kwargs = place.match.args, place.match.kwargs
    response: HttpResponseBase
    if not iscoroutinefunction(view):
        response = view(http, *args, **kwargs)
    else:
        if state.precondition is not None:
            # An asynchronous view has other hooks than the mixin's.
            state.precondition(None)
        response = async_to_sync(view)(http, *args, **kwargs)
    if state.exception is not None and problems.ends_transaction(state.exception):
        raise DatabaseUnavailable from state.exception
    return response
