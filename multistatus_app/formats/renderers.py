"""The renderers of our formats, for projects that name them."""

from __future__ import annotations

from multistatus_app.formats.json import MultiStatusJSONRenderer
from multistatus_app.formats.xml import (
    MultiStatusTextXMLRenderer,
    MultiStatusXMLRenderer,
)

__all__ = [
    "MultiStatusJSONRenderer",
    "MultiStatusTextXMLRenderer",
    "MultiStatusXMLRenderer",
]
