"""The renderers and parsers of our routes, derived from those of the viewset.

The single endpoints keep their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import (
    BaseParser,
    FileUploadParser,
    FormParser,
    MultiPartParser,
)
from rest_framework.renderers import (
    BaseRenderer,
    BrowsableAPIRenderer,
    JSONRenderer,
)
from rest_framework.request import Request

from multistatus_app.exceptions import UnsupportedCoding, UnsupportedFormat
from multistatus_app.formats.browsable import MultiStatusBrowsableRenderer
from multistatus_app.formats.parsers import (
    MultiStatusJSONParser,
    MultiStatusTextXMLParser,
    MultiStatusXMLParser,
)
from multistatus_app.formats.renderers import (
    MultiStatusJSONRenderer,
    MultiStatusTextXMLRenderer,
    MultiStatusXMLRenderer,
)
from multistatus_app.requests.bodies import get_request_format

_PARSERS: Final = (MultiStatusXMLParser, MultiStatusTextXMLParser)
_RENDERERS: Final = (MultiStatusXMLRenderer, MultiStatusTextXMLRenderer)
_XML: Final = frozenset(parser.media_type for parser in _PARSERS)
_MEDIA_TYPES: Final[dict[str | None, str]] = {
    "json": "application/json",
    "xml": "application/xml",
}
_NOT_DOCUMENTS: Final = (FormParser, MultiPartParser, FileUploadParser)


class BulkContentNegotiation(DefaultContentNegotiation):
    """Like DRF's, but a response has the format of the request by default."""

    def select_parser(
        self, request: Request, parsers: Iterable[BaseParser]
    ) -> BaseParser:
        """Return the parser for a body, even if its media type is missing.

        Raises:
            UnsupportedCoding: the body has a Content-Encoding.
            UnsupportedFormat: no parser takes it.
        """
        parsers = list(parsers)
        taken = list(dict.fromkeys(str(parser.media_type) for parser in parsers))
        coding = request.headers.get("Content-Encoding", "").strip()
        if coding.lower() not in ("", "identity"):
            raise UnsupportedCoding(coding, taken=taken)
        parser = super().select_parser(request, parsers)
        if parser is None:
            media_type = _MEDIA_TYPES.get(get_request_format(request._request))
            same = (p for p in parsers if get_base_type(p.media_type) == media_type)
            parser = next(same, None)
        if parser is None:
            raise UnsupportedFormat(request.content_type, taken=taken)
        return parser

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer. Without an `Accept`, XML is answered in XML."""
        accepted = self.get_accept_list(request)
        if (
            all(get_base_type(each) == "*/*" for each in accepted)
            and get_request_format(request._request) == "xml"
        ):
            renderers = sorted(
                renderers, key=lambda each: get_base_type(each.media_type) not in _XML
            )
        selected: tuple[BaseRenderer, str] = super().select_renderer(
            request, renderers, format_suffix
        )
        return selected


def get_bulk_parsers(parsers: Sequence[BaseParser]) -> list[BaseParser]:
    """Return the viewset's parsers of documents, with JSON and our XML."""
    kept = [
        MultiStatusJSONParser(parser) if _is_json(parser) else parser
        for parser in parsers
        if not isinstance(parser, _NOT_DOCUMENTS)
        and get_base_type(parser.media_type) not in _XML
    ]
    if not any(map(_is_json, kept)):
        kept.insert(0, MultiStatusJSONParser())
    return [*kept, *(parser() for parser in _PARSERS)]


def get_bulk_renderers(renderers: Sequence[BaseRenderer]) -> list[BaseRenderer]:
    """Return the viewset's JSON renderer, its browsable page if any, and XML.

    Renderers of other types cannot represent a MultiStatus.
    """
    kept: list[BaseRenderer] = [
        MultiStatusJSONRenderer(renderer)
        for renderer in renderers
        if _is_json(renderer)
    ]
    if not kept:
        kept.append(MultiStatusJSONRenderer())
    if any(isinstance(renderer, BrowsableAPIRenderer) for renderer in renderers):
        # Browsers also accept XML, and DRF ignores q, so the page comes before XML.
        kept.append(MultiStatusBrowsableRenderer())
    return [*kept, *(renderer() for renderer in _RENDERERS)]


def get_base_type(media_type: str | None) -> str:
    """Return a media type without its parameters, in lower case."""
    return (media_type or "").partition(";")[0].strip().lower()


def _is_json(each: BaseParser | BaseRenderer) -> bool:
    return get_base_type(each.media_type) == JSONRenderer.media_type
