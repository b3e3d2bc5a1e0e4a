"""The depth at which a method is run, from the overrides of its classes.

It depends on what the classes override, never on what a hook might do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from rest_framework.views import exception_handler

from multistatus_app.overrides.models import get_model_reasons, get_saving_reasons
from multistatus_app.overrides.origins import describe_overrides, get_path, is_dynamic
from multistatus_app.overrides.serializers import (
    get_declared_reasons,
    get_serializer_reasons,
    is_reusable,
)
from multistatus_app.overrides.viewsets import (
    get_bulk_hook,
    get_hook_reasons,
    get_view_reasons,
)
from multistatus_app.requests.endpoints import get_model

_ACTIONS: Final = {
    "POST": ["create"],
    "PUT": ["update"],
    "PATCH": ["partial_update", "update"],
    "DELETE": ["destroy"],
}
_ANSWERING: Final = ("dispatch", "handle_exception", "get_exception_handler")
_AROUND: Final = (*_ANSWERING, "initial", "finalize_response", "get_serializer_class")
# Attributes that are read from the class here, and from an instance by DRF.
_ATTRIBUTES: Final = (
    "bulk_columns",
    "bulk_lock",
    "bulk_replayable",
    "filter_backends",
    "kwargs",
    "lookup_field",
    "lookup_url_kwarg",
    "permission_classes",
    "queryset",
    "request",
    "serializer_class",
)


class Depth(IntEnum):
    """How an operation is run. Both depths give the same outcome."""

    SINGLY = 1
    """The single route's own view is called."""
    SETS = 2
    """Many operations are written in one statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The depth of one method of a viewset."""

    depth: Depth
    reasons: tuple[str, ...]
    """Why it is not a deeper one."""


def decide(viewset: type, method: str) -> Decision:
    """Return the depth at which a viewset class runs a method."""
    answering = ["get_serializer"] if method != "DELETE" else []
    reasons = (
        *describe_overrides(viewset, [*_ACTIONS[method], *answering, *_ANSWERING]),
        *_get_handler_reasons(viewset),
        *_get_reasons_against_sets(viewset, method),
    )
    depth = Depth.SINGLY if reasons else Depth.SETS
    return Decision(depth=depth, reasons=reasons)


def get_writing_reasons(viewset: Any, method: str) -> tuple[str, ...]:
    """Return the project's code that may write, or tell others, when a method is run.

    Without any, an operation that was rolled back may be run again, as nobody knows of
    it.
    """
    found = [*describe_overrides(viewset, [*_ACTIONS[method], *_AROUND])]
    found += _get_handler_reasons(viewset)
    if getattr(viewset, "bulk_columns", True) is False:
        found.append("bulk_columns is False")
    found += get_hook_reasons(viewset, method)
    bulk_hook = get_bulk_hook(viewset, method)
    if bulk_hook is not None:
        found.append(f"{bulk_hook}() writes sets itself")
    serializer, model = getattr(viewset, "serializer_class", None), get_model(viewset)
    if isinstance(serializer, type) and method != "DELETE":
        found += get_serializer_reasons(serializer, method)
        found += get_declared_reasons(serializer)
    if model is None:
        found.append("the viewset names no model")
    else:
        found += get_saving_reasons(model, method)
    return tuple(found)


def _get_handler_reasons(viewset: Any) -> Iterator[str]:
    """Yield a reason if the project has its own exception handler."""
    handler = viewset.settings.EXCEPTION_HANDLER
    if handler is not exception_handler:
        name = getattr(handler, "__qualname__", type(handler).__qualname__)
        yield f"exceptions are handled by {handler.__module__}.{name}"


def _get_reasons_against_sets(viewset: Any, method: str) -> tuple[str, ...]:
    """Return the reasons why an operation must be run singly.

    They are computed for each request, as signal receivers come and go.
    """
    found = [
        f"{name} of {get_path(viewset)} is a property"
        for name in _ATTRIBUTES
        if is_dynamic(viewset, name)
    ]
    if found:
        return tuple(found)
    if getattr(viewset, "bulk_commit_every", None) == 1:
        found.append("bulk_commit_every is 1")
    found += get_view_reasons(viewset, method)
    serializer = getattr(viewset, "serializer_class", None)
    if serializer is not None and method != "DELETE":
        found.extend(get_serializer_reasons(serializer, method))
        if not is_reusable(serializer):
            found.append(f"{serializer.__name__} takes part in building its fields")
        found.extend(get_declared_reasons(serializer))
    model = get_model(viewset)
    if model is None:
        found.append("the viewset names no model")
    else:
        by_project = get_bulk_hook(viewset, method) is not None
        found.extend(
            get_model_reasons(
                model,
                method,
                is_written_by_project=by_project,
                may_replay=bool(getattr(viewset, "bulk_replayable", False)),
            )
        )
    return tuple(found)
