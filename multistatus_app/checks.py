"""System checks: what is wrong in `MULTISTATUS` and in the viewsets that are routed.

    multistatus.E001  MULTISTATUS is not a dict
    multistatus.E002  MULTISTATUS has a key that is not known
    multistatus.E003  a value of MULTISTATUS that cannot be
    multistatus.E004  a `bulk_limit` that cannot be
    multistatus.E005  another bulk option of a viewset that cannot be
    multistatus.E006  `bulk_commit_every`, but not 1, together with ATOMIC_REQUESTS
    multistatus.W001  a viewset offers nothing in bulk
    multistatus.W002  a viewset has something else under the name of one of our routes
    multistatus.W003  a viewset is routed, but its bulk routes are not
    multistatus.W004  another URL pattern answers instead of one of our routes
    multistatus.W006  a setting that is not read
    multistatus.W007  only our routes of a viewset are mapped, not its single ones
    multistatus.W008  no path can be made to the single routes beside one of ours

They read classes and URL patterns; no view is called and no database asked.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage
from django.db import connections
from django.http import HttpRequest
from django.urls import get_script_prefix, resolve

from multistatus_app.endpoints import (
    BULK_ACTIONS,
    SINGLE_ACTIONS,
    get_kind,
    get_offered_methods,
)
from multistatus_app.locks import MODES
from multistatus_app.mixins import BulkModelMixin, is_own_action
from multistatus_app.routes import Route, get_routes_by_viewset, get_single_routes
from multistatus_app.settings import DEFAULTS

TAG: Final = "multistatus"
"""For `manage.py check --tag multistatus`."""

_MIXINS: Final = {
    "create": "CreateModelMixin",
    "update": "UpdateModelMixin",
    "partial_update": "UpdateModelMixin",
    "destroy": "DestroyModelMixin",
}
_OPTIONS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "bulk_lock": (
        lambda value: value is None or value in MODES,
        f"one of {', '.join(MODES)} or None",
    ),
    "bulk_commit_every": (
        lambda value: value is None or _is_positive(value),
        "a positive integer or None",
    ),
    "bulk_retries": (
        lambda value: value == 0 or _is_positive(value),
        "an integer that is not negative",
    ),
    "bulk_replayable": (lambda value: isinstance(value, bool), "True or False"),
    "bulk_url_path": (lambda value: _is_path(value), "a part of a path"),
    "batch_url_path": (lambda value: _is_path(value), "a part of a path"),
}


def register() -> None:
    """Have Django run the checks; `AppConfig.ready` calls this."""
    checks.register(check_settings, TAG)
    checks.register(check_viewsets, TAG)


# Settings that are switched off with None.
_MAY_BE_NONE: Final = frozenset({"SMALLEST_SET"})


def check_settings(
    app_configs: Iterable[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return what is wrong in `MULTISTATUS`."""
    return [*_check_setting_names(), *_check_multistatus()]


def check_viewsets(
    app_configs: Iterable[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return what is wrong with the viewsets that the URLconf leads to."""
    try:
        found = get_routes_by_viewset(BulkModelMixin)
    except Exception:
        # Django's own check of the URLconf, and the first request, say what it is.
        return []
    messages: list[CheckMessage] = []
    for viewset, routes in found.items():
        messages += _check_limits(viewset, routes)
        messages += _check_options(viewset)
        messages += _check_names(viewset)
        messages += _check_offers(viewset, routes)
        messages += _check_single_routes(viewset, routes)
        for route in routes:
            if route.is_bulk:
                messages += _check_reachable(route, routes)
    return messages


# Settings


def _check_multistatus() -> Iterator[CheckMessage]:
    value = getattr(settings, "MULTISTATUS", {})
    if not isinstance(value, Mapping):
        yield checks.Error(
            f"The setting MULTISTATUS must be a dict, got {type(value).__name__}.",
            hint=f"Known keys are {_join(DEFAULTS)}; leave the setting out for "
            f"the defaults.",
            id="multistatus.E001",
        )
        return
    for key in value:
        if key not in DEFAULTS:
            yield _get_unknown_key(key)
        elif value[key] is None and key in _MAY_BE_NONE:
            continue
        elif not _is_positive(value[key]):
            yield checks.Error(
                f'MULTISTATUS["{key}"] must be a positive integer, got {value[key]!r}.',
                hint=f"The default is {DEFAULTS[key]}.",
                id="multistatus.E003",
            )


def _get_unknown_key(key: Any) -> CheckMessage:
    nearest = difflib.get_close_matches(str(key).upper(), DEFAULTS, n=1)
    suggestion = f'Did you mean "{nearest[0]}"? ' if nearest else ""
    return checks.Error(
        f"MULTISTATUS has the key {key!r}, which is not known.",
        hint=f"{suggestion}Known keys are {_join(DEFAULTS)}.",
        id="multistatus.E002",
    )


def _check_setting_names() -> Iterator[CheckMessage]:
    """Django's settings are flat, DRF's are one dict: easily confused."""
    for key in DEFAULTS:
        if hasattr(settings, f"MULTISTATUS_{key}"):
            yield checks.Warning(
                f"The setting MULTISTATUS_{key} is not read.",
                hint=f'Write MULTISTATUS = {{"{key}": ...}}.',
                id="multistatus.W006",
            )


# Viewsets


def _check_limits(
    viewset: type[BulkModelMixin], routes: Iterable[Route]
) -> Iterator[CheckMessage]:
    """`bulk_limit`, once for each value: a route may have been given its own."""
    seen: list[Any] = []
    for route in routes:
        limit = route.own_limit
        if limit is None or limit in seen or hasattr(type(limit), "__get__"):
            continue
        seen.append(limit)
        if not _is_positive(limit):
            yield checks.Error(
                f"The bulk_limit of {viewset.__qualname__} must be a positive integer "
                f"or None, got {limit!r}.",
                hint='None takes MULTISTATUS["MAX_OPERATIONS"].',
                obj=viewset,
                id="multistatus.E004",
            )


def _check_options(viewset: type[BulkModelMixin]) -> Iterator[CheckMessage]:
    """Return what is wrong in the options of how operations share a transaction."""
    for name, (is_possible, wanted) in _OPTIONS.items():
        value = getattr(viewset, name)
        if not hasattr(type(value), "__get__") and not is_possible(value):
            yield checks.Error(
                f"The {name} of {viewset.__qualname__} must be {wanted}, "
                f"got {value!r}.",
                obj=viewset,
                id="multistatus.E005",
            )
    atomic = [
        alias
        for alias in connections
        if connections.settings[alias].get("ATOMIC_REQUESTS")
    ]
    if viewset.bulk_commit_every not in (None, 1) and atomic:
        yield checks.Error(
            f"{viewset.__qualname__} has bulk_commit_every, but the database "
            f"{atomic[0]!r} has ATOMIC_REQUESTS: a request is one transaction.",
            hint="Remove one of the two, or commit each operation by itself: 1.",
            obj=viewset,
            id="multistatus.E006",
        )


def _check_names(viewset: type[BulkModelMixin]) -> Iterator[CheckMessage]:
    """Names and paths of our routes that the viewset uses for something else."""
    taken = {}
    for name in sorted(BULK_ACTIONS):
        own = getattr(viewset, name)
        path = getattr(viewset, f"{name}_url_path")
        # None is how a class takes something back; a wrapper is ours annotated.
        if own is None:
            continue
        if is_own_action(own) or path != name:
            taken[path] = f"{name}_url_path"
            continue
        yield checks.Warning(
            f"{viewset.__qualname__} has no route {name}/ of BulkModelMixin, but a "
            f"{name} of its own.",
            hint=f'Name the route otherwise, with {name}_url_path = "..." on the '
            f"viewset. To have none, set {name} = None.",
            obj=viewset,
            id="multistatus.W002",
        )
    for action in viewset.get_extra_actions():
        path = str(action.url_path).strip("/")
        if not action.detail and path in taken and not is_own_action(action):
            yield checks.Warning(
                f"{viewset.__qualname__} has no route {path}/ of BulkModelMixin: its "
                f"action {action.__name__} has that path.",
                hint=f'Name the route otherwise, with {taken[path]} = "..." on the '
                f"viewset, or give the action another url_path.",
                obj=viewset,
                id="multistatus.W002",
            )


def _check_offers(
    viewset: type[BulkModelMixin], routes: Iterable[Route]
) -> Iterator[CheckMessage]:
    ours = [route for route in routes if route.is_bulk]
    offered = [get_single_routes(route.callback).offered for route in ours]
    if not any(offered if ours else get_offered_methods(viewset)):
        yield checks.Warning(
            f"{viewset.__qualname__} has BulkModelMixin but offers nothing in bulk.",
            hint=_get_offering_hint(viewset),
            obj=viewset,
            id="multistatus.W001",
        )
    elif not ours and any(map(is_own_action, viewset.get_extra_actions())):
        yield checks.Warning(
            f"{viewset.__qualname__} is routed, but none of its routes leads to "
            f"bulk/ or batch/.",
            hint="Register it with one of DRF's routers, or route the actions "
            '"bulk" and "batch" as its other extra actions are.',
            obj=viewset,
            id="multistatus.W003",
        )


def _get_offering_hint(viewset: type[BulkModelMixin]) -> str:
    if get_offered_methods(viewset):
        return "Its single routes map no method that writes: map one, or take it away."
    left_out = [
        method for method, action in SINGLE_ACTIONS.items() if hasattr(viewset, action)
    ]
    if left_out:
        return (
            f"It has actions for {_join(left_out)}, but its http_method_names "
            f"leave these out."
        )
    return (
        f"A viewset offers in bulk what it offers singly: add "
        f"{_join(dict.fromkeys(_MIXINS.values()), last='or')}, "
        f"or take BulkModelMixin away."
    )


# Routes


def _check_single_routes(
    viewset: type[BulkModelMixin], routes: Iterable[Route]
) -> Iterator[CheckMessage]:
    """Each operation is run by the view of its single route: there must be one."""
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
            f"No URL beside {_join(alone)} leads to the single routes of "
            f"{viewset.__qualname__}: its actions stand in, as DRF's routers map "
            f"them, and results have no href.",
            hint="Map the single routes, too.",
            obj=viewset,
            id="multistatus.W007",
        )


def _leads_to(route: Route, single: Route) -> bool:
    """Whether a path from one of our routes to a single one can be made."""
    sample = single.get_sample()
    if sample is None or not route.takes(route.get_path(sample)):
        return True  # nobody knows
    path = route.get_path(sample)
    match = _resolve(path)
    if match is None or match.func is not route.callback:
        return True  # see _check_reachable
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
    except Exception:  # see check_viewsets: a URLconf can be broken in any way
        return True
    return place is not None


def _resolve(path: str) -> Any:
    try:
        return resolve(path)
    except Exception:  # see check_viewsets: a URLconf can be broken in any way
        return None


def _check_reachable(route: Route, routes: Iterable[Route]) -> Iterator[CheckMessage]:
    sample = route.get_sample()
    if sample is None:
        return
    match = _resolve(route.get_path(sample))
    if match is None:
        return
    found = match.func
    if found is route.callback or _is_same(found, route):
        return
    if any(each.callback is found and each.path == route.path for each in routes):
        return  # an action of its own: see _check_names
    yield checks.Warning(
        f"{route.path} is not answered by {route.viewset.__qualname__}: an earlier "
        f"URL pattern leads to {_get_view_name(found)}.",
        hint="Put the earlier pattern after it, or let it match less.",
        obj=route.viewset,
        id="multistatus.W004",
    )


def _is_same(view: Any, route: Route) -> bool:
    """Whether a view is that of a route that stands twice in the URLconf."""
    cls = getattr(view, "cls", None)
    return (
        get_kind(cls) == route.kind
        and getattr(cls, "viewset", None) is route.viewset
        and view.actions == route.actions
    )


# Words


def _is_positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip("/"))


def _get_view_name(view: Any) -> str:
    view = getattr(view, "cls", None) or getattr(view, "view_class", None) or view
    view = getattr(view, "viewset", view)
    name = getattr(view, "__qualname__", type(view).__qualname__)
    return f"{getattr(view, '__module__', '?')}.{name}"


def _join(words: Iterable[str], *, last: str = "and") -> str:
    *most, final = words
    return f"{', '.join(most)} {last} {final}" if most else final
