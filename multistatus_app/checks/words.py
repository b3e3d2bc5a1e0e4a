"""The words that messages of several checks are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def get_view_name(view: Any) -> str:
    """Name a view as it is imported."""
    view = getattr(view, "cls", None) or getattr(view, "view_class", None) or view
    view = getattr(view, "viewset", view)
    name = getattr(view, "__qualname__", type(view).__qualname__)
    return f"{getattr(view, '__module__', '?')}.{name}"


def join(words: Iterable[str], *, last: str = "and") -> str:
    """List words, the last one after "and"."""
    *most, final = words
    return f"{', '.join(most)} {last} {final}" if most else final
