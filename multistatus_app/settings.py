"""The project's `MULTISTATUS = {…}`, read when used, and what a viewset says of it."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

DEFAULTS: Final[dict[str, Any]] = {
    # How many operations a request may hold, where the viewset has no `bulk_limit`.
    "MAX_OPERATIONS": 1000,
    # How deep lists and objects may nest in a request, in JSON and in XML.
    "MAX_DEPTH": 64,
    # How few operations of one method are worth a set; None: none are.
    "MIN_SET_SIZE": 4,
}


def get_setting(name: str) -> Any:
    """Return one setting of `MULTISTATUS`, or its default.

    Raises:
        KeyError: no such setting.
    """
    default = DEFAULTS[name]
    return (getattr(settings, "MULTISTATUS", None) or {}).get(name, default)


def get_bulk_limit(view: Any) -> int:
    """Return how many operations one request to this viewset (or class) may hold."""
    limit = getattr(view, "bulk_limit", None)
    chosen: int = get_setting("MAX_OPERATIONS") if limit is None else limit
    return chosen
