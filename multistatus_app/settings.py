"""The project's `MULTISTATUS = {…}`, read when used, and limits of a viewset."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

DEFAULTS: Final[dict[str, Any]] = {
    # The most operations in a request, unless the viewset has a `bulk_limit`.
    "MAX_OPERATIONS": 1000,
    # The deepest nesting of lists and objects in a request, in JSON and in XML.
    "MAX_DEPTH": 64,
    # The fewest operations of one method that make a set. None: no sets.
    "MIN_SET_SIZE": 4,
    # Dotted names, with wildcards, of receivers of `pre_save` and `post_save` that
    # neither ask nor write the database.
    "QUIET_RECEIVERS": [],
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
