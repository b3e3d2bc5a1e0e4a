"""Representations, evaluated when their operation is done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.functional import LazyObject, Promise

_LEAVES: Final = frozenset({str, int, float, bool, type(None)})


def settle(data: Any) -> Any:
    """Copy data deeply, and evaluate what is lazy in it.

    A single request renders its response before the next one begins.

    Raises:
        Exception: whatever the evaluation raises.
    """
    kind = type(data)
    if kind in _LEAVES:
        return data
    if isinstance(data, dict):
        return {name: settle(each) for name, each in data.items()}
    if isinstance(data, list | QuerySet | Iterator):
        return [settle(each) for each in data]
    if isinstance(data, tuple):
        return tuple(settle(each) for each in data)
    if isinstance(data, Promise):
        return str(data)
    if isinstance(data, LazyObject):
        bool(data.__class__)  # evaluates it
        return settle(data._wrapped)
    return data
