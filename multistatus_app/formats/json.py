"""JSON, as the viewset's own parser and renderer read and write it."""

from __future__ import annotations

import codecs
import logging
import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import IO, Any, Final
from uuid import uuid4

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.renderers import BaseRenderer, JSONRenderer

from multistatus_app.formats.base import Format
from multistatus_app.formats.plain import get_plain

logger = logging.getLogger("multistatus_app")

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # starts with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class MultiStatusJSONParser(JSONParser):
    """Parses JSON as another parser does, by default DRF's, after a byte order mark.

    A mark sets the encoding: UTF-8, UTF-16 or UTF-32 (RFC 8259 8.1 allows a parser to
    ignore it). As a subclass of JSONParser, it gets DRF's limit of the body.
    """

    def __init__(self, parser: BaseParser | None = None) -> None:
        """Take the media type of the other parser."""
        self.parser = parser or JSONParser()
        self.media_type = self.parser.media_type

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the document of a request.

        Raises:
            ParseError: it is no JSON, or not in the encoding of its mark.
        """
        body = stream.read()
        encoding = next((each for mark, each in _MARKS if body.startswith(mark)), None)
        if encoding is not None:
            try:
                body = body.decode(encoding).encode()
            except UnicodeDecodeError as exc:
                raise ParseError(
                    f"The body is not in the encoding that its byte order mark says, "
                    f"{encoding.removesuffix('-sig').upper()}."
                ) from exc
            parser_context = {**(parser_context or {}), "encoding": "utf-8"}
        return self.parser.parse(BytesIO(body), media_type, parser_context)


class MultiStatusJSONRenderer(JSONRenderer):
    """Writes JSON as another renderer does, by default DRF's.

    Results that it cannot encode are written as plain data, or by DRF's: lone
    surrogates are escaped, numbers that JSON lacks become null, values without an
    encoding become text, and data that nests too deep or in itself is cut.
    """

    def __init__(self, renderer: BaseRenderer | None = None) -> None:
        """Take the attributes of the other renderer that negotiation reads."""
        self.renderer = renderer or JSONRenderer()
        self.media_type = self.renderer.media_type
        self.format = self.renderer.format
        self.charset = self.renderer.charset
        self.render_style = self.renderer.render_style

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> Any:
        def write(data: Any) -> Any:
            return self.renderer.render(data, accepted_media_type, renderer_context)

        try:
            return write(data)
        except Exception as exc:
            logger.warning(
                "%s could not write an answer (%s); what it cannot encode is written "
                "in another way.",
                type(self.renderer).__name__,
                type(exc).__name__,
            )
        try:
            return _write_by_results(data, write)
        except Exception:  # the results were not the cause
            return _ASCIIRenderer().render(
                get_plain(data), accepted_media_type, renderer_context
            )


class _ASCIIRenderer(JSONRenderer):
    ensure_ascii = True


def _write_by_results(data: Any, write: Callable[[Any], Any]) -> bytes:
    """Return a document with each result in the best form that can be written.

    Raises:
        Exception: it has no results, or cannot be written for all that.
    """
    mark = uuid4().hex
    spliced: list[bytes] = []
    results = []
    for result in data["results"]:
        if not _can_write(result, write):
            result = get_plain(result)
        if not _can_write(result, write):
            spliced.append(_ASCIIRenderer().render(result))
            result = f"{mark}:{len(spliced) - 1}"
        results.append(result)
    content = write({**data, "results": results})
    if isinstance(content, str):
        content = content.encode()
    pattern = re.compile(rb'"%s:(\d+)"' % mark.encode())
    content, count = pattern.subn(lambda match: spliced[int(match[1])], content)
    if count != len(spliced):
        raise ValueError("The renderer writes results in a way of its own.")
    return bytes(content)


def _can_write(result: Any, write: Callable[[Any], Any]) -> bool:
    try:
        write(result)
    except Exception:
        return False
    return True


JSON: Final = Format(
    parsers=(MultiStatusJSONParser,),
    renderers=(MultiStatusJSONRenderer,),
    first_characters=("[", "{"),
)
