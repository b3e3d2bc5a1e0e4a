"""Bytes → elements → values. The only module that imports defusedxml."""

from __future__ import annotations

import codecs
from contextlib import suppress
from typing import Any, Final
from xml.etree.ElementTree import Element, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from multistatus_app.exceptions import MalformedBatch
from multistatus_app.formats.dav.names import (
    FIELD_PREFIX,
    FIELDS,
    ITEM,
    NIL,
    OURS,
    TYPE,
    unescape_name,
)

_BYTE_ORDER_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_LABEL_LENGTH: Final = 100
# The parser copies the namespace into the name of each element and attribute.
_LONGEST_NAMESPACE: Final = 255
# Names that can only be meant for us: in our namespace, below it, or in none.
_OUR_PREFIXES: Final = (f"{{{OURS}}}", f"{{{OURS}:")


class _LimitedTreeBuilder(TreeBuilder):
    """Refuses trees deeper than `max_depth`, and long namespaces."""

    def __init__(self, *, max_depth: int) -> None:
        super().__init__()
        self.max_depth = max_depth
        self.depth = 0

    def start_ns(self, prefix: str, uri: str) -> None:
        if len(uri) > _LONGEST_NAMESPACE:
            raise MalformedBatch(
                f"The XML has a namespace of {len(uri)} characters, the limit is "
                f"{_LONGEST_NAMESPACE}."
            )

    def start(self, tag: Any, attrs: Any, /) -> Element:
        self.depth += 1
        if self.depth > self.max_depth:
            raise MalformedBatch(
                f"The XML nests deeper than {self.max_depth} elements, "
                f"which is the limit."
            )
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> Element:
        self.depth -= 1
        return super().end(tag)


def parse(body: bytes, *, max_depth: int, charset: str | None = None) -> Element:
    """Return the root element of a document.

    The encoding is that of a byte order mark, else of `charset` (from the
    Content-Type), else of the XML declaration (RFC 7303 3).

    Raises:
        MalformedBatch: not well-formed, with a document type declaration or a long
            namespace, in an encoding that is not known, or nested deeper than
            `max_depth` elements.
    """
    if body.startswith(_BYTE_ORDER_MARKS):
        charset = None
    try:
        if charset and codecs.lookup(charset).name == "utf-8":
            charset = "utf-8"  # the one spelling that expat knows
        parser = DefusedXMLParser(
            target=_LimitedTreeBuilder(max_depth=max_depth),
            encoding=charset,
            forbid_dtd=True,
        )
        # In one piece: fed in chunks, expat 2.5 takes quadratic time for a long token.
        parser.feed(body)
        root: Element = parser.close()
    except ParseError as exc:
        raise MalformedBatch(f"The body is not well-formed XML: {exc}.") from exc
    except DefusedXmlException as exc:
        raise MalformedBatch(
            "The XML has a document type declaration; send it without one, and "
            "without entities."
        ) from exc
    except (ValueError, LookupError, Warning) as exc:  # unicode_escape warns
        raise MalformedBatch(
            "The XML is in an encoding that is not known; send it in UTF-8."
        ) from exc
    return root


class OddContent(Exception):
    """An element that is neither an object nor a list nor a text."""

    def __init__(self, detail: str, path: tuple[str | int, ...]) -> None:
        """`path` leads from the element being read to the odd one."""
        super().__init__(detail)
        self.detail = detail
        self.path = path


def read_value(element: Element, path: tuple[str | int, ...] = ()) -> Any:
    """Return the value of an element: None, a dict, a list or a text.

    Elements of other namespaces are ignored (RFC 4918 17). Without children, the
    attribute `m:type` tells an empty list or object from an empty text. `path` leads
    to the element.

    Raises:
        OddContent: neither an object nor a list nor a text.
    """
    if element.get(NIL) in ("true", "1"):
        return None
    items, fields = _get_children(element, path)
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    if not items and not fields:
        kind = element.get(TYPE)
        if kind in ("list", "object") and not text.strip():
            return [] if kind == "list" else {}
        return text
    if items and fields:
        raise OddContent(
            f"{get_label(element.tag)} has both fields and <m:item>; an object has "
            f"fields, a list has <m:item>.",
            path,
        )
    if text.strip():
        raise OddContent(
            f"{get_label(element.tag)} has both text and elements; a value is a text, "
            f"or fields, or <m:item>.",
            path,
        )
    if items:
        return [read_value(item, (*path, index)) for index, item in enumerate(items)]
    return _read_object(fields, path)


def read_fields(element: Element) -> dict[str, Any]:
    """Return the readable fields of an odd element."""
    document: dict[str, Any] = {}
    for child in element:
        if child.tag.startswith(FIELD_PREFIX):
            value = None
            with suppress(OddContent):
                value = read_value(child)
            document.setdefault(unescape_name(child.tag[len(FIELD_PREFIX) :]), value)
    return document


def describe_misplaced(tag: str) -> str:
    """Return the sentence about an element in the wrong namespace."""
    namespace = tag[1:].partition("}")[0] if tag.startswith("{") else ""
    where = (
        f'the namespace "{namespace[:_LABEL_LENGTH]}"' if namespace else "no namespace"
    )
    return (
        f"{get_label(tag)} is in {where}; fields are in "
        f'"{FIELDS}", and <m:item> is in "{OURS}".'
    )


def get_label(tag: str) -> str:
    """Return the name of an element for a message, shortened if it is long."""
    return f"<{unescape_name(tag.rpartition('}')[2])[:_LABEL_LENGTH]}>"


def _get_children(
    element: Element, path: tuple[str | int, ...]
) -> tuple[list[Element], list[Element]]:
    """Return items and fields. Other children may only be in foreign namespaces."""
    items: list[Element] = []
    fields: list[Element] = []
    for child in element:
        tag = child.tag
        if tag.startswith(FIELD_PREFIX):
            fields.append(child)
        elif tag == ITEM:
            items.append(child)
        elif not tag.startswith("{") or tag.startswith(_OUR_PREFIXES):
            name = unescape_name(tag.rpartition("}")[2])
            raise OddContent(describe_misplaced(tag), (*path, name))
    return items, fields


def _read_object(fields: list[Element], path: tuple[str | int, ...]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for field in fields:
        name = unescape_name(field.tag[len(FIELD_PREFIX) :])
        if name in document:
            raise OddContent(
                f"The field {get_label(field.tag)} stands twice in one object. A list "
                "is one field with its items in it: <m:item>…</m:item>"
                "<m:item>…</m:item>.",
                (*path, name),
            )
        document[name] = read_value(field, (*path, name))
    return document
