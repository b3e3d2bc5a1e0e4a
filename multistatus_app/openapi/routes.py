"""The views of our routes, and of the single ones, for the document."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.generators import SchemaGenerator
from rest_framework.exceptions import APIException
from rest_framework.request import clone_request

from multistatus_app.handlers.routes import get_single_routes


def get_route_view(view: Any) -> Any:
    """Return the view that answers the documented route."""
    made = view.bulk_callback.cls()
    made.setup(view.request, *view.args, **view.kwargs)
    return made


def get_documented_methods(view: Any) -> tuple[str, ...]:
    """Return the methods of operations that the route takes."""
    offered = get_single_routes(view.bulk_callback).offered
    if view.bulk_kind == "batch":
        return offered
    return tuple(each for each in offered if each.lower() in view.action_map)


def get_single_view(view: Any, method: str) -> Any:
    """Return the view of the single endpoint, as drf-spectacular makes it.

    The project's own extension and the annotations of the action apply.
    """
    route: Any = get_single_routes(view.bulk_callback).get(method)
    generator = SchemaGenerator()
    made = generator.create_view(route.callback, method)
    # It keeps the schemas alive, as views have weak references to them.
    made.generator = generator
    made.detail = method != "POST"
    request = view.request
    made.request = None if request is None else clone_request(request, method)
    return made


def get_queryset(view: Any) -> Any:
    """Return the rows of the route, as one of its single endpoints does."""
    return get_single_view(view, get_documented_methods(view)[0]).get_queryset()


def is_shown(view: Any, request: Any) -> None:
    """Show the route to users who may use one of its methods.

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
