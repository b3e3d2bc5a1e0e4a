"""System checks: what is wrong in `MULTISTATUS` and in the viewsets that are routed.

    multistatus.E001  MULTISTATUS is not a dict
    multistatus.E002  MULTISTATUS has a key that is not known
    multistatus.E003  a value of MULTISTATUS that cannot be
    multistatus.E004  a `bulk_limit` that cannot be
    multistatus.E005  another bulk option of a viewset that cannot be
    multistatus.E006  `bulk_commit_every` together with ATOMIC_REQUESTS
    multistatus.W001  a viewset offers nothing in bulk
    multistatus.W002  a viewset has something else under the name of one of our routes
    multistatus.W003  a viewset is routed, but its bulk routes are not
    multistatus.W004  another URL pattern answers instead of one of our routes
    multistatus.W005  results have no `href`, or the one of something else
    multistatus.W006  a setting that is not read

They read classes and URL patterns; no view is called and no database asked.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage
from django.db import connections
from django.urls import get_script_prefix, resolve, reverse

from multistatus_app.endpoints import (
    BULK_ACTIONS,
    SINGLE_ACTIONS,
    get_offered_methods,
)
from multistatus_app.locks import MODES
from multistatus_app.mixins import BulkModelMixin
from multistatus_app.routes import Route, get_routes_by_viewset
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
}
_DETAIL_ACTIONS: Final = frozenset({"retrieve", "update", "partial_update", "destroy"})


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
        found = get_routes_by_viewset()
    except Exception:
        # Django's own check of the URLconf, and the first request, say what it is.
        return []
    messages: list[CheckMessage] = []
    for viewset, routes in found.items():
        messages += _check_limits(viewset, routes)
        messages += _check_options(viewset)
        messages += _check_names(viewset)
        messages += _check_offers(viewset, routes)
        for route in routes:
            if route.is_bulk:
                messages += _check_reachable(route)
                messages += _check_hrefs(route, routes)
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
    if viewset.bulk_commit_every is not None and atomic:
        yield checks.Error(
            f"{viewset.__qualname__} has bulk_commit_every, but the database "
            f"{atomic[0]!r} has ATOMIC_REQUESTS: a request is one transaction.",
            hint="Remove one of the two.",
            obj=viewset,
            id="multistatus.E006",
        )


def _check_names(viewset: type[BulkModelMixin]) -> Iterator[CheckMessage]:
    for name in sorted(BULK_ACTIONS):
        own = getattr(viewset, name)
        # None is how a class takes something back; a wrapper is ours annotated.
        if own is not None and not _is_ours(own, name):
            yield checks.Warning(
                f"{viewset.__qualname__}.{name} is not the route {name}/ of "
                f"BulkModelMixin, but something of its own.",
                hint=f"Rename it; an action can keep its path with "
                f'@action(..., url_path="..."). To have no {name}/, set '
                f"{name} = None.",
                obj=viewset,
                id="multistatus.W002",
            )
    for action in viewset.get_extra_actions():
        path = str(action.url_path).strip("/")
        if not action.detail and path in BULK_ACTIONS and action.__name__ != path:
            yield checks.Warning(
                f"The action {viewset.__qualname__}.{action.__name__} has the path "
                f'"{path}", which is that of a route of BulkModelMixin.',
                hint="Give it another url_path.",
                obj=viewset,
                id="multistatus.W002",
            )


def _check_offers(
    viewset: type[BulkModelMixin], routes: Iterable[Route]
) -> Iterator[CheckMessage]:
    if not get_offered_methods(viewset):
        yield checks.Warning(
            f"{viewset.__qualname__} has BulkModelMixin but offers nothing in bulk.",
            hint=_get_offering_hint(viewset),
            obj=viewset,
            id="multistatus.W001",
        )
    elif _has_bulk_actions(viewset) and not any(route.is_bulk for route in routes):
        yield checks.Warning(
            f"{viewset.__qualname__} is routed, but none of its routes leads to "
            f"bulk/ or batch/.",
            hint="Register it with one of DRF's routers, or route the actions "
            '"bulk" and "batch" as its other extra actions are.',
            obj=viewset,
            id="multistatus.W003",
        )


def _get_offering_hint(viewset: type[BulkModelMixin]) -> str:
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


def _has_bulk_actions(viewset: type[BulkModelMixin]) -> bool:
    names = {action.__name__ for action in viewset.get_extra_actions()}
    return not BULK_ACTIONS.isdisjoint(names)


# Routes


def _check_reachable(route: Route) -> Iterator[CheckMessage]:
    sample = route.get_sample()
    if sample is None:
        return
    try:
        found: Any = resolve(route.get_path(sample)).func
    except Exception:  # see check_viewsets: a URLconf can be broken in any way
        return
    actions = getattr(found, "actions", None)
    if getattr(found, "cls", None) is route.viewset and actions == route.actions:
        return
    yield checks.Warning(
        f"{route.path} is not answered by {route.viewset.__qualname__}: an earlier "
        f"URL pattern leads to {_get_view_name(found)}.",
        hint="Put the earlier pattern after it, or let it match less.",
        obj=route.viewset,
        id="multistatus.W004",
    )


def _check_hrefs(route: Route, routes: Iterable[Route]) -> Iterator[CheckMessage]:
    """Results name resources as `{basename}-detail`, the basename that of our route."""
    base = route.path.rstrip("/").rpartition("/")[0]
    details = [
        each
        for each in routes
        if not _DETAIL_ACTIONS.isdisjoint(each.actions.values())
        and each.path.startswith(f"{base}/")
    ]
    if not details:
        return
    wanted = f"{(route.name or '').rpartition('-')[0]}-detail"
    detail = next((each for each in details if each.name == wanted), None)
    if detail is None:
        problem = "have no href"
        hint = (
            f"An href is made from the names of the routes: give the name "
            f'"{{basename}}-detail" to {details[0].path} and '
            f'"{{basename}}-{route.path.rstrip("/").rpartition("/")[2]}" to '
            f"{route.path}."
        )
    else:
        other = _get_other_path(detail)
        if other is None:
            return
        problem = (
            f'have the href of something else: the name "{wanted}" leads to {other}'
        )
        hint = "Register one of the two with another basename, or in a namespace."
    yield checks.Warning(
        f"The results of {route.path} {problem}.",
        hint=hint,
        obj=route.viewset,
        id="multistatus.W005",
    )


def _get_other_path(route: Route) -> str | None:
    """Return the path that the name of a route gives, where it is another's."""
    sample = route.get_sample()
    if sample is None:
        return None
    try:
        path = reverse(
            route.name, kwargs=dict.fromkeys(sorted(route.parameters), sample)
        )
    except Exception:  # see check_viewsets: a URLconf can be broken in any way
        return None
    below = "/" + path.removeprefix(get_script_prefix())
    return None if route.takes(below) else path


# Words


def _is_positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_ours(own: Any, name: str) -> bool:
    return callable(own) and inspect.unwrap(own) is vars(BulkModelMixin)[name]


def _get_view_name(view: Any) -> str:
    view = getattr(view, "cls", None) or getattr(view, "view_class", None) or view
    name = getattr(view, "__qualname__", type(view).__qualname__)
    return f"{getattr(view, '__module__', '?')}.{name}"


def _join(words: Iterable[str], *, last: str = "and") -> str:
    *most, final = words
    return f"{', '.join(most)} {last} {final}" if most else final
