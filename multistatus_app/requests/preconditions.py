"""Entity tags and `if_match` (RFC 9110 8.8.3 and 13.1.1)."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.utils.encoders import JSONEncoder

# RFC 9110 8.8.3: entity-tag = [ weak ] opaque-tag
_ENCODER: Final = JSONEncoder(sort_keys=True, separators=(",", ":"))
_ENTITY_TAG: Final = re.compile(r'\*|(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


class PreconditionFailed(APIException):
    """The resource no longer has the entity tag that the operation named."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"

    def __init__(self, *, current: str | None) -> None:
        """`current` is the current tag, or None if the client may not know it."""
        tag = "another one" if current is None else current
        super().__init__(
            f"The resource has changed: its entity tag is now {tag}. "
            f"Fetch it, and decide again."
        )


def is_entity_tag(value: object) -> bool:
    """Return True if a value is an entity tag or `*`."""
    return isinstance(value, str) and _ENTITY_TAG.fullmatch(value) is not None


def get_representation_etag(representation: Any) -> str:
    """Return a strong entity tag of a representation: a digest of its JSON.

    It is a digest of the `repr` if JSON cannot encode the values, as a project's own
    renderer may.
    """
    try:
        text = _ENCODER.encode(representation)
    except (TypeError, ValueError, RecursionError):
        text = repr(representation)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
    return f'"{digest.hexdigest()[:32]}"'


def matches(tag: str, *, current: str) -> bool:
    """Compare strongly (RFC 9110 8.8.3.2): a weak tag never matches, `*` always."""
    return tag == "*" or (tag == current and not tag.startswith("W/"))


def check_if_match(if_match: str, *, current: str) -> None:
    """Refuse an operation whose tag is not the current one.

    Raises:
        PreconditionFailed: the tags differ.
    """
    if not matches(if_match, current=current):
        raise PreconditionFailed(current=current)
