"""Checks of the routes of a viewset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage
from django.http import HttpRequest
from django.urls import get_script_prefix, resolve
from django.utils.text import get_text_list

from multistatus_app.handlers.routes import Route, get_single_routes
from multistatus_app.mixins import BulkModelMixin
from multistatus_app.requests.endpoints import get_kind, get_offered_methods


def check_routes(
    viewset: type[BulkModelMixin[Any]], routes: Iterable[Route]
) -> Iterator[CheckMessage]:
    """Yield warnings about requests, or operations, that do not reach their route."""
    yield from _check_single_routes(viewset, routes)
    for route in routes:
        if route.is_bulk:
            yield from _check_reachable(route, routes)


def _check_single_routes(
    viewset: type[BulkModelMixin[Any]], routes: Iterable[Route]
) -> Iterator[CheckMessage]:
    """Yield warnings about missing single routes, whose views run the operations."""
    alone = []
    for route in routes:
        if not route.is_bulk:
            continue
        singles = get_single_routes(route.callback)
        if singles.is_stand_in:
            alone.append(route.path)
            continue
        for single in (singles.list, singles.detail):
            if single is not None and not _leads_to(route, single):
                yield checks.Warning(
                    f"The operations of {route.path} do not find their way to "
                    f"{single.path}: they are 404.",
                    hint=f"Name the URL pattern of {single.path}, or put it beside "
                    f"{route.path}.",
                    obj=viewset,
                    id="multistatus.W008",
                )
    if alone and get_offered_methods(viewset):
        yield checks.Warning(
            f"No URL beside {get_text_list(alone, 'and')} leads to the single routes "
            f"of {viewset.__qualname__}: its actions stand in, as DRF's routers map "
            f"them, and results have no href.",
            hint="Map the single routes, too.",
            obj=viewset,
            id="multistatus.W007",
        )


def _leads_to(route: Route, single: Route) -> bool:
    """Return True if a path from one of our routes to a single one can be made."""
    sample = single.get_sample()
    if sample is None or not route.takes(route.get_path(sample)):
        return True  # not known
    path = route.get_path(sample)
    match = _resolve(path)
    if match is None or match.func is not route.callback:
        return True  # reported by _check_reachable
    request = HttpRequest()
    request.path = get_script_prefix().rstrip("/") + path
    request.resolver_match = match
    callback: Any = route.callback
    view = callback.cls()
    view.setup(request, *match.args, **match.kwargs)
    try:
        place = view.paths.list
        if single.parameters != route.parameters:
            place = view.paths.get_detail(sample)
    except Exception:  # a URLconf can be broken in any way
        return True
    return place is not None


def _resolve(path: str) -> Any:
    try:
        return resolve(path)
    except Exception:  # a URLconf can be broken in any way
        return None


def _check_reachable(route: Route, routes: Iterable[Route]) -> Iterator[CheckMessage]:
    sample = route.get_sample()
    match = None if sample is None else _resolve(route.get_path(sample))
    if match is None or _is_same(match.func, route):
        return
    if any(each.callback is match.func and each.path == route.path for each in routes):
        return  # an action of its own: see viewsets._check_names
    yield checks.Warning(
        f"{route.path} is not answered by {route.viewset.__qualname__}: an earlier "
        f"URL pattern leads to {_get_name(match.func)}.",
        hint="Put the earlier pattern after it, or let it match less.",
        obj=route.viewset,
        id="multistatus.W004",
    )


def _is_same(view: Any, route: Route) -> bool:
    """Return True if a view is that of the route, also if it is listed twice."""
    if view is route.callback:
        return True
    cls = getattr(view, "cls", None)
    return (
        get_kind(cls) == route.kind
        and getattr(cls, "viewset", None) is route.viewset
        and view.actions == route.actions
    )


def _get_name(view: Any) -> str:
    """Return the dotted path of a view."""
    view = getattr(view, "cls", None) or getattr(view, "view_class", None) or view
    view = getattr(view, "viewset", view)
    name = getattr(view, "__qualname__", type(view).__qualname__)
    return f"{getattr(view, '__module__', '?')}.{name}"
