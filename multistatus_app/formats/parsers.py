"""The parsers of our formats, for projects that name them."""

from __future__ import annotations

from multistatus_app.formats.json import MultiStatusJSONParser
from multistatus_app.formats.xml import MultiStatusTextXMLParser, MultiStatusXMLParser

__all__ = ["MultiStatusJSONParser", "MultiStatusTextXMLParser", "MultiStatusXMLParser"]
