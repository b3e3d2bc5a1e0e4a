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
from rest_framework.renderers import BaseRenderer, BrowsableAPIRenderer
from rest_framework.request import Request

from multistatus_app.exceptions import UnsupportedCoding, UnsupportedFormat
from multistatus_app.formats.base import get_base_type
from multistatus_app.formats.browsable import MultiStatusBrowsableRenderer
from multistatus_app.formats.json import (
    JSON,
    MultiStatusJSONParser,
    MultiStatusJSONRenderer,
)
from multistatus_app.formats.registry import FORMATS, get_request_format

# The viewset has a say in JSON. The others are read and written by our classes alone.
_OTHERS: Final = tuple(each for each in FORMATS if each is not JSON)
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
        if parser is None and (format := get_request_format(request._request)):
            same = (each for each in parsers if format.covers(each.media_type))
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
        """Return the renderer. Without an `Accept`, that of the request's format."""
        accepted = self.get_accept_list(request)
        if all(get_base_type(each) == "*/*" for each in accepted) and (
            format := get_request_format(request._request)
        ):
            # Stable, so the viewset's order decides among the others.
            renderers = sorted(
                renderers, key=lambda each: not format.covers(each.media_type)
            )
        selected: tuple[BaseRenderer, str] = super().select_renderer(
            request, renderers, format_suffix
        )
        return selected


def get_bulk_parsers(parsers: Sequence[BaseParser]) -> list[BaseParser]:
    """Return the viewset's parsers of documents, with JSON and our other formats."""
    kept = [
        MultiStatusJSONParser(each) if JSON.covers(each.media_type) else each
        for each in parsers
        if not isinstance(each, _NOT_DOCUMENTS)
        and not any(format.covers(each.media_type) for format in _OTHERS)
    ]
    if not any(JSON.covers(each.media_type) for each in kept):
        kept.insert(0, MultiStatusJSONParser())
    return [*kept, *(parser() for format in _OTHERS for parser in format.parsers)]


def get_bulk_renderers(renderers: Sequence[BaseRenderer]) -> list[BaseRenderer]:
    """Return the viewset's JSON renderers, the browsable page, and our other formats.

    Renderers of other types cannot represent a MultiStatus.
    """
    kept: list[BaseRenderer] = [
        MultiStatusJSONRenderer(each)
        for each in renderers
        if JSON.covers(each.media_type)
    ] or [MultiStatusJSONRenderer()]
    if any(isinstance(each, BrowsableAPIRenderer) for each in renderers):
        # Browsers also accept XML, and DRF ignores q, so the page comes before XML.
        kept.append(MultiStatusBrowsableRenderer())
    return [*kept, *(each() for format in _OTHERS for each in format.renderers)]
