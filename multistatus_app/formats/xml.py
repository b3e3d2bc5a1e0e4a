"""Request bodies → documents in the shape of JSON, which `requests` reads.

`dav` reads the XML. The size of bodies is limited here.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any, Final
from xml.etree.ElementTree import Element

from django.conf import settings
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser

from multistatus_app.exceptions import ContentTooLarge, MalformedBatch
from multistatus_app.formats import dav
from multistatus_app.formats.dav import names
from multistatus_app.problems import to_pointer
from multistatus_app.requests.elements import Fields, OddElement
from multistatus_app.settings import get_setting

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # starts with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MEMBERS: Final = {
    "method": "method",
    "key": "key",
    "ref": "ref",
    "if-match": "if_match",
}
"""The attributes of `m:operation`, and the members they become."""


def read_body(stream: IO[bytes]) -> bytes:
    """Return the whole body, of at most `DATA_UPLOAD_MAX_MEMORY_SIZE` bytes.

    Raises:
        ContentTooLarge: there is more.
    """
    limit: int | None = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if limit is None:
        return stream.read()
    body = b""
    while len(body) <= limit:
        chunk = stream.read(limit + 1 - len(body))
        if not chunk:
            return body
        body += chunk
    raise ContentTooLarge(limit=limit, actual=None)


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
            body = _recode(body, encoding)
            parser_context = {**(parser_context or {}), "encoding": "utf-8"}
        return self.parser.parse(BytesIO(body), media_type, parser_context)


def _recode(body: bytes, encoding: str) -> bytes:
    """Return a body with a byte order mark in UTF-8 without one."""
    try:
        return body.decode(encoding).encode()
    except UnicodeDecodeError as exc:
        raise ParseError(
            f"The body is not in the encoding that its byte order mark says, "
            f"{encoding.removesuffix('-sig').upper()}."
        ) from exc


class MultiStatusXMLParser(BaseParser):
    """Parses `m:bulk` to a list, `m:batch` to `{"operations": […]}`.

    Values are texts: serializers give them their types, as they do with form data.
    """

    media_type = "application/xml"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the document of a request.

        Raises:
            ContentTooLarge: the body is over the limit.
            MalformedBatch: the body is neither of the two, or cannot be read safely.
        """
        body = read_body(stream)
        if not body.strip():
            raise MalformedBatch(
                "The body is empty; send <m:bulk> or <m:batch> with a Content-Length."
            )
        # One level more than JSON: the text of a field is an element, too.
        depth = get_setting("MAX_DEPTH") + 1
        root = dav.parse(body, max_depth=depth, charset=_get_charset(media_type))
        try:
            return _read_root(root)
        except RecursionError as exc:  # MAX_DEPTH exceeds Python's limit
            raise MalformedBatch("The XML nests too deep.") from exc


class MultiStatusTextXMLParser(MultiStatusXMLParser):
    """The same under XML's other name (RFC 7303 9.2)."""

    media_type = "text/xml"


def _get_charset(media_type: str | None) -> str | None:
    _, parameters = parse_header_parameters(media_type or "")
    charset = parameters.get("charset")
    return charset or None


def _read_root(root: Element) -> list[Any] | dict[str, Any]:
    if root.tag == names.BULK:
        return [_read_element(item) for item in _get_members(root, names.ITEM)]
    if root.tag == names.BATCH:
        operations = _get_members(root, names.OPERATION)
        return {"operations": [_read_operation(each) for each in operations]}
    raise MalformedBatch(
        f"The root element must be bulk or batch in the namespace "
        f'"{names.OURS}", got {root.tag[:200]}.'
    )


def _get_members(root: Element, tag: str) -> list[Element]:
    """Return the elements of a request. Other namespaces are ignored.

    Raises:
        MalformedBatch: one is meant, and is in no namespace or in that of the fields.
    """
    wanted = tag.rpartition("}")[2]
    for child in root:
        if child.tag == tag:
            continue
        if not child.tag.startswith("{"):
            where = "no namespace"
        elif child.tag == f"{names.FIELD_PREFIX}{wanted}":
            where = f'the namespace "{names.FIELDS}"'
        else:
            continue
        raise MalformedBatch(
            f"{dav.get_label(child)} in {dav.get_label(root)} is in {where}; write "
            f'<m:{wanted}>, with xmlns:m="{names.OURS}".'
        )
    return root.findall(tag)


def _read_element(element: Element) -> Any:
    """Return a representation, the key to delete, or an `OddElement`."""
    try:
        value = dav.read_value(element)
    except dav.OddContent as exc:
        pointer, data = to_pointer(exc.path), dav.read_fields(element)
        return OddElement(detail=exc.detail, pointer=pointer, data=data)
    if isinstance(value, str) and not value.strip():
        value = {}
    if isinstance(value, dict) and len(value) != len(element):
        tags = dict.fromkeys(child.tag for child in element)
        foreign = tuple(tag for tag in tags if not tag.startswith(names.FIELD_PREFIX))
        return Fields(value, foreign=foreign)
    return value


def _read_operation(element: Element) -> dict[str, Any]:
    operation = {
        member: element.attrib[name]
        for name, member in _MEMBERS.items()
        if name in element.attrib
    }
    data = _read_element(element)
    if data != {} or operation.get("method") != "DELETE":
        operation["data"] = data
    return operation
