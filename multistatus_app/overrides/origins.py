"""Finds the class that defines a name: DRF's, or the project's."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final

from rest_framework.viewsets import ModelViewSet

# Modules whose wrappers only annotate.
_TRANSPARENT: Final = frozenset({"drf_spectacular.drainage"})


def get_provider(cls: type, name: str) -> type | None:
    """Return the first class in the MRO, our mixin aside, that defines a name."""
    for each in cls.__mro__:
        if name in vars(each) and not each.__module__.startswith("multistatus_app."):
            return each
    return None


def get_home(function: Any) -> str:
    """Return the module that defines a function, or "" if it is none.

    A wrapper may copy the function's name and `__module__`, but not its globals.
    """
    for name in ("fget", "func", "__func__"):
        function = getattr(function, name, None) or function
    home: str = getattr(function, "__globals__", {}).get("__name__", "")
    return home


def is_inherited(cls: type, name: str, base: Any = ModelViewSet) -> bool:
    """Return True if a class has a name as a base of DRF's has it."""
    provider = get_provider(cls, name)
    if provider is None:
        return False
    found, stock = _unwrap(vars(provider)[name]), _unwrap(getattr(base, name))
    return found is stock and get_home(stock).startswith("rest_framework.")


def has_drfs(cls: type, name: str) -> bool:
    """Return True if a class has a name as DRF defines it, or not at all."""
    provider = get_provider(cls, name)
    return provider in (None, object) or (
        is_drf(provider)
        and get_home(vars(provider)[name]).startswith(("rest_framework.", "django."))
    )


def is_dynamic(cls: type, name: str) -> bool:
    """Return True if an attribute is a property, known only of instances."""
    provider = get_provider(cls, name)
    return provider is not None and hasattr(type(vars(provider)[name]), "__get__")


def is_drf(cls: type) -> bool:
    """Return True if a class is DRF's own."""
    if not cls.__module__.startswith("rest_framework."):
        return cls is object
    # A serializer made by `type()` has DRF's `__module__` but is not in that module.
    return getattr(sys.modules[cls.__module__], cls.__name__, None) is cls


def describe_overrides(viewset: type, names: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each name that a viewset does not inherit from DRF."""
    for name in names:
        if not is_inherited(viewset, name):
            yield describe_override(name, viewset)


def describe_override(name: str, cls: type) -> str:
    """Return the sentence that names the class overriding a name."""
    return f"{name} is overridden by {get_path(get_provider(cls, name))}"


def get_path(cls: type | None) -> str:
    """Return the dotted path of a class."""
    return "nobody" if cls is None else f"{cls.__module__}.{cls.__qualname__}"


def _unwrap(function: Any) -> Any:
    """Return the function inside wrappers that only annotate."""
    while getattr(function, "__globals__", {}).get(
        "__name__"
    ) in _TRANSPARENT and hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function
