"""Checks of the viewsets in the URLconf."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from django.core import checks
from django.core.checks import CheckMessage
from django.db import connections
from django.utils.text import get_text_list

from multistatus_app.checks.settings import is_positive
from multistatus_app.databases.locks import MODES
from multistatus_app.handlers.routes import Route, get_single_routes
from multistatus_app.mixins import BulkModelMixin, is_own_action
from multistatus_app.requests.endpoints import (
    BULK_ACTIONS,
    SINGLE_ACTIONS,
    get_offered_methods,
)

_MIXINS: Final = ["CreateModelMixin", "UpdateModelMixin", "DestroyModelMixin"]
_OPTIONS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "bulk_lock": (
        lambda value: value is None or value in MODES,
        f"one of {', '.join(MODES)} or None",
    ),
    "bulk_commit_every": (
        lambda value: value is None or is_positive(value),
        "a positive integer or None",
    ),
    "bulk_retries": (
        lambda value: value == 0 or is_positive(value),
        "an integer that is not negative",
    ),
    "bulk_columns": (lambda value: isinstance(value, bool), "True or False"),
    "bulk_replayable": (lambda value: isinstance(value, bool), "True or False"),
    "bulk_url_path": (lambda value: _is_path(value), "a part of a path"),
    "batch_url_path": (lambda value: _is_path(value), "a part of a path"),
}


def check_viewset(
    viewset: type[BulkModelMixin[Any]], routes: Iterable[Route]
) -> Iterator[CheckMessage]:
    """Yield the problems of its options, its names and its methods."""
    yield from _check_limits(viewset, routes)
    yield from _check_options(viewset)
    yield from _check_names(viewset)
    yield from _check_offers(viewset, routes)


def _check_limits(
    viewset: type[BulkModelMixin[Any]], routes: Iterable[Route]
) -> Iterator[CheckMessage]:
    """Check `bulk_limit`, once for each value: a route may have its own."""
    seen: list[Any] = [None]
    for limit in (route.own_limit for route in routes):
        if limit in seen or _is_dynamic(limit):
            continue
        seen.append(limit)
        if not is_positive(limit):
            yield checks.Error(
                f"The bulk_limit of {viewset.__qualname__} must be a positive integer "
                f"or None, got {limit!r}.",
                hint='None takes MULTISTATUS["MAX_OPERATIONS"].',
                obj=viewset,
                id="multistatus.E004",
            )


def _check_options(viewset: type[BulkModelMixin[Any]]) -> Iterator[CheckMessage]:
    for name, (is_possible, wanted) in _OPTIONS.items():
        value = getattr(viewset, name)
        if not _is_dynamic(value) and not is_possible(value):
            yield checks.Error(
                f"The {name} of {viewset.__qualname__} must be {wanted}, "
                f"got {value!r}.",
                obj=viewset,
                id="multistatus.E005",
            )
    every = viewset.bulk_commit_every
    if _is_dynamic(every) or every in (None, 1):
        return
    for alias in connections:
        if connections.settings[alias].get("ATOMIC_REQUESTS"):
            yield checks.Error(
                f"{viewset.__qualname__} has bulk_commit_every, but the database "
                f"{alias!r} has ATOMIC_REQUESTS: a request is one transaction.",
                hint="Remove one of the two, or commit each operation by itself: 1.",
                obj=viewset,
                id="multistatus.E006",
            )
            return


def _is_dynamic(value: Any) -> bool:
    """Return True for a property: only an instance knows its value."""
    return hasattr(type(value), "__get__")


def _check_names(viewset: type[BulkModelMixin[Any]]) -> Iterator[CheckMessage]:
    """Yield warnings about names and paths of ours that have another use."""
    taken = {}
    for name in sorted(BULK_ACTIONS):
        own = getattr(viewset, name)
        path = getattr(viewset, f"{name}_url_path")
        if own is None:  # it removes an inherited action
            continue
        if is_own_action(own) or path != name:
            taken[path] = f"{name}_url_path"
            continue
        yield _get_taken(
            viewset,
            f"{name}/ of BulkModelMixin, but a {name} of its own.",
            f'{name}_url_path = "..." on the viewset. To have none, set {name} = None.',
        )
    for action in viewset.get_extra_actions():
        path = str(action.url_path).strip("/")
        if not action.detail and path in taken and not is_own_action(action):
            yield _get_taken(
                viewset,
                f"{path}/ of BulkModelMixin: its action {action.__name__} has that "
                f"path.",
                f'{taken[path]} = "..." on the viewset, or give the action another '
                f"url_path.",
            )


def _get_taken(viewset: Any, why: str, instead: str) -> CheckMessage:
    return checks.Warning(
        f"{viewset.__qualname__} has no route {why}",
        hint=f"Name the route otherwise, with {instead}",
        obj=viewset,
        id="multistatus.W002",
    )


def _check_offers(
    viewset: type[BulkModelMixin[Any]], routes: Iterable[Route]
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


def _get_offering_hint(viewset: type[BulkModelMixin[Any]]) -> str:
    if get_offered_methods(viewset):
        return "Its single routes map no method that writes: map one, or take it away."
    left_out = [
        method for method, action in SINGLE_ACTIONS.items() if hasattr(viewset, action)
    ]
    if left_out:
        return (
            f"It has actions for {get_text_list(left_out, 'and')}, but its "
            f"http_method_names leave these out."
        )
    return (
        f"A viewset offers in bulk what it offers singly: add "
        f"{get_text_list(_MIXINS, 'or')}, or take BulkModelMixin away."
    )


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip("/"))
