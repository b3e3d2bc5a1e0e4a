"""XML in the vocabulary of WebDAV. `dav` reads and writes its elements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any, ClassVar, Final
from xml.etree.ElementTree import Element

from django.utils.http import parse_header_parameters
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from multistatus_app.exceptions import MalformedBatch
from multistatus_app.formats.base import Format
from multistatus_app.formats.dav import names, reading, writing
from multistatus_app.problems import explain_document, to_pointer
from multistatus_app.requests.bodies import read_limited
from multistatus_app.requests.elements import Fields, OddElement
from multistatus_app.settings import get_setting

CONTENT_TYPE: Final = "application/xml; charset=utf-8"

# Of `m:operation`; `-` becomes `_` in a member.
_ATTRIBUTES: Final = ("method", "key", "ref", "if-match")


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
        body = read_limited(stream)
        if not body.strip():
            raise MalformedBatch(
                "The body is empty; send <m:bulk> or <m:batch> with a Content-Length."
            )
        _, parameters = parse_header_parameters(media_type or "")
        # One level more than JSON: the text of a field is an element, too.
        depth = get_setting("MAX_DEPTH") + 1
        root = reading.parse(
            body, max_depth=depth, charset=parameters.get("charset") or None
        )
        try:
            return _read_root(root)
        except RecursionError as exc:  # MAX_DEPTH exceeds Python's limit
            raise MalformedBatch("The XML nests too deep.") from exc


class MultiStatusTextXMLParser(MultiStatusXMLParser):
    """The same under XML's other name (RFC 7303 9.2)."""

    media_type = "text/xml"


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
            f"{reading.get_label(child.tag)} in {reading.get_label(root.tag)} is in "
            f'{where}; write <m:{wanted}>, with xmlns:m="{names.OURS}".'
        )
    return root.findall(tag)


def _read_element(element: Element) -> Any:
    """Return a representation, the key to delete, or an `OddElement`."""
    try:
        value = reading.read_value(element)
    except reading.OddContent as exc:
        pointer, data = to_pointer(exc.path), reading.read_fields(element)
        return OddElement(detail=exc.detail, pointer=pointer, data=data)
    if isinstance(value, str) and not value.strip():
        value = {}
    if isinstance(value, dict) and len(value) != len(element):
        tags = dict.fromkeys(child.tag for child in element)
        foreign = tuple(tag for tag in tags if not tag.startswith(names.FIELD_PREFIX))
        return Fields(value, foreign=foreign)
    return value


def _read_operation(element: Element) -> dict[str, Any]:
    operation: dict[str, Any] = {
        name.replace("-", "_"): element.attrib[name]
        for name in _ATTRIBUTES
        if name in element.attrib
    }
    data = _read_element(element)
    if data != {} or operation.get("method") != "DELETE":
        operation["data"] = data
    return operation


class MultiStatusXMLRenderer(BaseRenderer):
    """Writes a `DAV:multistatus`, or a `DAV:error` for a refusal."""

    media_type = "application/xml"
    format = "xml"
    charset = "utf-8"
    reads_multistatus: ClassVar = True
    """True if it renders the response's `.multistatus`, so `.data` is not built."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        context = renderer_context or {}
        response = context.get("response")
        # Not if another renderer embeds its output, as the browsable page does.
        if response and getattr(response, "accepted_renderer", None) is self:
            response["Content-Type"] = CONTENT_TYPE
        return "".join(_write(data, response, context)).encode()


class MultiStatusTextXMLRenderer(MultiStatusXMLRenderer):
    """The same for clients that ask for text/xml. It answers application/xml, too."""

    media_type = "text/xml"


def _write(data: Any, response: Any, context: Mapping[str, Any]) -> Iterator[str]:
    """Return the document for a MultiStatus, a refusal or other data."""
    multistatus = getattr(response, "multistatus", None)
    if multistatus is not None:
        request, view = context.get("request"), context.get("view")
        return writing.write_multistatus(
            multistatus,
            base_path="/" if request is None else request.path,
            to_pointer=getattr(getattr(view, "bare", None), "get_bulk_pointer", None),
        )
    failure = getattr(response, "failure", None)
    if failure is None and data is None:
        return iter(())
    if failure is None and getattr(response, "exception", False):
        failure = explain_document(response.status_code, data)
    if failure is not None:
        return writing.write_error(failure.problem, failure.errors)
    return writing.write_document(data)


XML: Final = Format(
    parsers=(MultiStatusXMLParser, MultiStatusTextXMLParser),
    renderers=(MultiStatusXMLRenderer, MultiStatusTextXMLRenderer),
    first_characters=("<",),
)
