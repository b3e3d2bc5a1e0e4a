"""How far a viewset's parts are DRF's own: the depth at which a method is run.

Decided by what the classes override, never by what a hook might do.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any, Final

from django.db.models import Model, signals
from rest_framework import mixins, serializers
from rest_framework.generics import GenericAPIView

from multistatus_app.endpoints import SINGLE_ACTIONS, get_model

_STOCK_ACTIONS: Final[dict[str, tuple[Any, ...]]] = {
    "POST": (mixins.CreateModelMixin.create,),
    "PUT": (mixins.UpdateModelMixin.update,),
    "PATCH": (mixins.UpdateModelMixin.partial_update, mixins.UpdateModelMixin.update),
    "DELETE": (mixins.DestroyModelMixin.destroy,),
}
_HOOKS: Final = {
    "POST": "perform_create",
    "PUT": "perform_update",
    "PATCH": "perform_update",
    "DELETE": "perform_destroy",
}
# Wrappers that only annotate.
_TRANSPARENT: Final = frozenset({"drf_spectacular.drainage"})


class Depth(IntEnum):
    """How an operation is run; each gives the same outcome as the one before."""

    DISPATCH = 1
    """The viewset's own action is called and its Response is read."""
    HOOKS = 2
    """DRF's action with one serializer and one query for the targets of the batch."""
    SETS = 3
    """Many operations in one statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The depth of one method of a viewset."""

    depth: Depth
    reasons: tuple[str, ...]
    """Why it is not a deeper one, in words."""


def decide(viewset: type, method: str) -> Decision:
    """Return the depth at which a viewset class runs a method."""
    reasons = _get_overrides(viewset, method)
    if reasons:
        return Decision(depth=Depth.DISPATCH, reasons=reasons)
    reasons = _get_hooks(viewset, method)
    return Decision(depth=Depth.HOOKS, reasons=reasons)


@cache
def _get_overrides(viewset: type, method: str) -> tuple[str, ...]:
    """Return what of the action, and of the way to its serializer, is not DRF's."""
    names = {stock.__name__: stock for stock in _STOCK_ACTIONS[method]}
    if method != "DELETE":
        names["get_serializer"] = GenericAPIView.get_serializer
    return tuple(
        f"{name} is overridden by {_get_path(get_provider(viewset, name))}"
        for name, stock in names.items()
        if not _is_stock(viewset, name, stock)
    )


def _get_hooks(viewset: type, method: str) -> tuple[str, ...]:
    """Return what an operation must be run by itself for."""
    found: list[str] = []
    hook = _HOOKS[method]
    stock = getattr(_STOCK_PROVIDERS[hook], hook)
    if not _is_stock(viewset, hook, stock):
        found.append(
            f"{hook} is overridden by {_get_path(get_provider(viewset, hook))}"
        )
    serializer = getattr(viewset, "serializer_class", None)
    if serializer is not None and method != "DELETE":
        name = "create" if method == "POST" else "update"
        for each in ("save", name):
            provider = get_provider(serializer, each)
            if provider is not None and not is_drf(provider):
                found.append(f"{each}() is overridden by {_get_path(provider)}")
    model = get_model(viewset)
    if model is not None:
        found.extend(_get_model_hooks(model, method))
    return tuple(found) or ("operations are saved one by one",)


def _get_model_hooks(model: type[Model], method: str) -> list[str]:
    deleting = method == "DELETE"
    names = ("delete",) if deleting else ("save",)
    found = [
        f"{name}() is overridden by {_get_path(get_provider(model, name))}"
        for name in names
        if getattr(model, name) is not getattr(Model, name)
    ]
    listened = ("pre_delete", "post_delete") if deleting else ("pre_save", "post_save")
    return found + [
        f"{name} has a receiver"
        for name in listened
        if getattr(signals, name).has_listeners(model)
    ]


_STOCK_PROVIDERS: Final = {
    "perform_create": mixins.CreateModelMixin,
    "perform_update": mixins.UpdateModelMixin,
    "perform_destroy": mixins.DestroyModelMixin,
}


def has_stock_get_object(viewset: type) -> bool:
    """Whether targets are fetched in DRF's way, so that one query can fetch them."""
    return _is_stock(viewset, "get_object", GenericAPIView.get_object)


@cache
def is_reusable(serializer: type[serializers.BaseSerializer[Any]]) -> bool:
    """Whether instances of a serializer class differ only by what they are given.

    Not where the class takes part in building its fields: that may depend on the
    instance, the data or the context.
    """
    return all(
        is_drf(provider)
        for name in _BUILDING
        if (provider := get_provider(serializer, name)) is not None
    )


_BUILDING: Final = (
    "__new__",
    "__init__",
    "__getattr__",
    "__getattribute__",
    "fields",
    "validators",
    "_writable_fields",
    "_readable_fields",
    *(
        name
        for name in dir(serializers.ModelSerializer)
        if name.startswith(("build_", "get_", "include_"))
        and name not in ("get_initial", "get_value", "get_attribute")
    ),
)


def get_provider(cls: type, name: str) -> type | None:
    """Return the class in the MRO that defines a name, our own mixin passed over."""
    for each in cls.__mro__:
        if name in vars(each) and not each.__module__.startswith("multistatus_app."):
            return each
    return None


def _is_stock(viewset: type, name: str, stock: Any) -> bool:
    provider = get_provider(viewset, name)
    return provider is not None and _unwrap(vars(provider)[name]) is stock


def _unwrap(function: Any) -> Any:
    """Look through the wrappers that annotate an inherited action."""
    while getattr(function, "__globals__", {}).get(
        "__name__"
    ) in _TRANSPARENT and hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def is_drf(cls: type) -> bool:
    """Whether a class is DRF's own."""
    if not cls.__module__.startswith("rest_framework."):
        return cls is object
    # A serializer made by `type()` says it is of DRF's module, and is not in there.
    return getattr(sys.modules[cls.__module__], cls.__name__, None) is cls


def _get_path(cls: type | None) -> str:
    return "nobody" if cls is None else f"{cls.__module__}.{cls.__qualname__}"


__all__ = [
    "SINGLE_ACTIONS",
    "Decision",
    "Depth",
    "decide",
    "get_provider",
    "has_stock_get_object",
    "is_reusable",
]
