"""Entity tags and `if_match` (RFC 9110 8.8.3 and 13.1.1)."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.utils.encoders import JSONEncoder

# RFC 9110 8.8.3: entity-tag = [ weak ] opaque-tag
_ENTITY_TAG: Final = re.compile(r'\*|(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


class PreconditionFailed(APIException):
    """The resource no longer has the entity tag that the operation named."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"

    def __init__(self, *, current: str) -> None:
        """Name the current entity tag."""
        super().__init__(
            f"The resource has changed: its entity tag is now {current}. "
            f"Fetch it, and decide again."
        )


def is_entity_tag(value: object) -> bool:
    """Whether a value is an entity tag, or `*`."""
    return isinstance(value, str) and _ENTITY_TAG.fullmatch(value) is not None


def get_representation_etag(representation: Any) -> str:
    """Return a strong entity tag of a representation: a digest of its JSON."""
    encoder = JSONEncoder(sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(encoder.encode(representation).encode("ascii"))
    return f'"{digest.hexdigest()[:32]}"'


def check_if_match(if_match: str, *, current: str) -> None:
    """Compare strongly (RFC 9110 8.8.3.2): a weak tag never matches.

    Raises:
        PreconditionFailed: the tags differ.
    """
    if if_match != "*" and (if_match.startswith("W/") or if_match != current):
        raise PreconditionFailed(current=current)
