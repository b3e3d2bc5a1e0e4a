"""Any data as the types of JSON. Nothing here fails: the outcomes are committed."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from rest_framework.utils.encoders import JSONEncoder

MAX_DATA_DEPTH: Final = 200
"""The deepest data that is written. libxml2 reads 256 levels of elements."""
TOO_DEEP: Final = "…"
"""Written in place of a value that nests deeper, or in itself."""

_ENCODER: Final = JSONEncoder()
_JSON_TYPES: Final = (str, int, float, dict, list, tuple)
_MAX_CONVERSIONS: Final = 8


def simplify(value: Any) -> Any:
    """Return a value as a JSON type, with its members unconverted.

    Conversions are those of DRF's encoder. Unknown types become text.
    """
    for _ in range(_MAX_CONVERSIONS):
        if value is None or isinstance(value, _JSON_TYPES):
            return value
        try:
            value = _ENCODER.default(value)
        except Exception:
            break
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"


def get_plain(data: Any, *, path: tuple[int, ...] = ()) -> Any:
    """Return a copy that any JSON encoder can write.

    `path` holds the identities of the containers around `data`.
    """
    value = simplify(data)
    if not isinstance(value, dict | list | tuple):
        return _get_plain_scalar(value)
    if len(path) >= MAX_DATA_DEPTH or id(value) in path:
        return TOO_DEEP
    path = (*path, id(value))
    if isinstance(value, dict):
        return {
            get_member_name(key): get_plain(each, path=path)
            for key, each in value.items()
        }
    return [get_plain(each, path=path) for each in value]


def get_member_name(key: Any) -> str:
    """Return the key of a dict as JSON names it."""
    return get_scalar_text(simplify(key))


def get_scalar_text(value: Any) -> str:
    """Return text as it is, and other scalars as JSON writes them."""
    if isinstance(value, str):
        return str.__str__(value)  # for a member of an enum, its value
    try:
        return int.__repr__(value) if type(value) is int else json.dumps(value)
    except Exception:
        # An int of more digits than Python prints (sys.get_int_max_str_digits).
        return hex(value) if isinstance(value, int) else repr(value)


def _get_plain_scalar(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int):
        try:
            int.__repr__(value)
        except ValueError:  # more digits than Python prints
            return hex(value)
    return value
