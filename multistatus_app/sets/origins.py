"""What of a serializer or a field is DRF's own, so that its answer is known before."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable
from types import BuiltinFunctionType
from typing import Any

from multistatus_app.overrides.origins import get_home, get_provider, is_drf


def is_inherited(thing: Any) -> bool:
    """Whether a field is of a class of DRF's as DRF wrote it, methods and all."""
    cls = type(thing)
    return (
        is_drf(cls) and all(map(_is_unpatched, cls.__mro__)) and not is_shadowing(thing)
    )


def has_stock(thing: Any, names: Iterable[str]) -> bool:
    """Whether these methods of a serializer or a field are DRF's."""
    cls, own = type(thing), vars(thing)
    for name in names:
        provider = get_provider(cls, name)
        if provider is None:
            continue
        if not is_drf(provider) or not _is_unpatched(provider):
            return False
        if name in own and _is_method(getattr(cls, name)):
            return False
    return True


def is_shadowing(thing: Any) -> bool:
    """Whether an object has an attribute in the place of a method of its class."""
    cls = type(thing)
    return any(_is_method(getattr(cls, name, None)) for name in vars(thing))


def is_of(thing: Any, modules: Iterable[str]) -> bool:
    """Whether a class or a function is what one of these modules has by its name."""
    module, name = getattr(thing, "__module__", ""), getattr(thing, "__name__", "")
    return module in modules and getattr(sys.modules[module], name, None) is thing


def _is_unpatched(cls: type) -> bool:
    """Whether the functions of a class were defined where the class was."""
    package = cls.__module__.partition(".")[0]
    return cls is object or all(
        get_home(each).partition(".")[0] == package
        for each in vars(cls).values()
        if callable(each) and not isinstance(each, type | BuiltinFunctionType)
    )


def _is_method(thing: Any) -> bool:
    return (
        inspect.isfunction(thing) or inspect.ismethod(thing) or inspect.isbuiltin(thing)
    )
