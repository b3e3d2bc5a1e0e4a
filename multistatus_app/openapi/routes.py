"""What the view of one of our routes, and its single views, say for the document."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.generators import SchemaGenerator
from rest_framework.exceptions import APIException
from rest_framework.request import clone_request

from multistatus_app.handlers.routes import SingleRoutes, get_single_routes


def get_route_view(view: Any) -> Any:
    """Make the view that answers the route which a view documents."""
    callback = view.bulk_callback
    made = callback.cls()
    made.setup(view.request, *view.args, **view.kwargs)
    return made


def get_singles(view: Any) -> SingleRoutes:
    """Find the single routes beside the one of ours that a view documents."""
    return get_single_routes(view.bulk_callback)


def get_documented_methods(view: Any) -> tuple[str, ...]:
    """List the methods of operations that may be sent to the route with this method."""
    offered = get_singles(view).offered
    if view.bulk_kind == "batch":
        return offered
    return tuple(each for each in offered if each.lower() in view.action_map)


def get_single_view(view: Any, method: str) -> Any:
    """Make the view of the single endpoint, as drf-spectacular makes it.

    With the project's own extension and what annotates its action.
    """
    route: Any = get_singles(view).get(method)
    generator = SchemaGenerator()
    made = generator.create_view(route.callback, method)
    # It keeps the schemas alive, to which views have weak references.
    made.generator = generator
    made.detail = method != "POST"
    request = view.request
    made.request = None if request is None else clone_request(request, method)
    return made


def get_queryset(view: Any) -> Any:
    """Get the rows that the route is about, as one of its single endpoints does."""
    return get_single_view(view, get_documented_methods(view)[0]).get_queryset()


def is_shown(view: Any, request: Any) -> None:
    """Show the route to whom one of its methods is permitted.

    Raises:
        APIException: the refusal of the first method.
    """
    refusals: list[Exception] = []
    for method in get_documented_methods(view):
        if view.bulk_kind == "bulk" and method != request.method:
            continue
        single = get_single_view(view, method)
        try:
            single.check_permissions(single.request)
        except (APIException, PermissionDenied) as exc:
            refusals.append(exc)
        else:
            return
    if refusals:
        raise refusals[0]
