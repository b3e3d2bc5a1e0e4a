"""Which renderers and parsers our routes have, made from those of the viewset.

The single endpoints keep exactly the ones that they had.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rest_framework.parsers import (
    BaseParser,
    FileUploadParser,
    FormParser,
    JSONParser,
    MultiPartParser,
)
from rest_framework.renderers import (
    BaseRenderer,
    BrowsableAPIRenderer,
    JSONRenderer,
)

from multistatus_app.browsable import MultiStatusBrowsableRenderer
from multistatus_app.parsers import MultiStatusTextXMLParser, MultiStatusXMLParser
from multistatus_app.renderers import (
    MultiStatusJSONRenderer,
    MultiStatusTextXMLRenderer,
    MultiStatusXMLRenderer,
)

_PARSERS: Final = (MultiStatusXMLParser, MultiStatusTextXMLParser)
_RENDERERS: Final = (MultiStatusXMLRenderer, MultiStatusTextXMLRenderer)
_XML: Final = frozenset(parser.media_type for parser in _PARSERS)
_NOT_DOCUMENTS: Final = (FormParser, MultiPartParser, FileUploadParser)


def get_bulk_parsers(parsers: Sequence[BaseParser]) -> list[BaseParser]:
    """Return a viewset's parsers of documents, with JSON and our XML among them."""
    kept = [
        parser
        for parser in parsers
        if not isinstance(parser, _NOT_DOCUMENTS) and parser.media_type not in _XML
    ]
    if not any(parser.media_type == JSONParser.media_type for parser in kept):
        kept.insert(0, JSONParser())
    return [*kept, *(parser() for parser in _PARSERS)]


def get_bulk_renderers(renderers: Sequence[BaseRenderer]) -> list[BaseRenderer]:
    """Return JSON as the viewset writes it, the browsable page if it has it, and XML.

    Renderers of other types cannot carry a MultiStatus, so they are not offered.
    """
    kept: list[BaseRenderer] = [
        MultiStatusJSONRenderer(renderer)
        for renderer in renderers
        if _get_base_type(renderer.media_type) == JSONRenderer.media_type
    ]
    if not kept:
        kept.append(MultiStatusJSONRenderer())
    if any(isinstance(renderer, BrowsableAPIRenderer) for renderer in renderers):
        # Browsers accept XML too, and DRF knows no q: what they like best comes first.
        kept.append(MultiStatusBrowsableRenderer())
    return [*kept, *(renderer() for renderer in _RENDERERS)]


def _get_base_type(media_type: str | None) -> str:
    return (media_type or "").partition(";")[0].strip().lower()
