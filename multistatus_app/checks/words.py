"""Words in the messages of several checks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def get_view_name(view: Any) -> str:
    """Return the dotted path of a view."""
    view = getattr(view, "cls", None) or getattr(view, "view_class", None) or view
    view = getattr(view, "viewset", view)
    name = getattr(view, "__qualname__", type(view).__qualname__)
    return f"{getattr(view, '__module__', '?')}.{name}"


def join(words: Iterable[str], *, last: str = "and") -> str:
    """List words, with "and" before the last one."""
    *most, final = words
    return f"{', '.join(most)} {last} {final}" if most else final
