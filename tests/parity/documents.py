"""Histories as requests: JSON, and XML with its values as text."""

from __future__ import annotations

import copy
import io
import json
from typing import Any
from xml.sax.saxutils import quoteattr

from multistatus_app.formats.dav import names
from multistatus_app.formats.xml import MultiStatusXMLParser
from tests.parity.histories import History

_HEAD = (
    'xmlns:m="urn:multistatus" xmlns="urn:multistatus:fields" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def get_body(history: History, key_name: str) -> tuple[bytes, str, list[Any]]:
    """Return body and content type of the batch, and what the singles ask.

    Of each (method, key, data).
    """
    if history.route == "bulk":
        document: Any = [_get_element(each, key_name) for each in history.operations]
    else:
        document = {"operations": [_get_operation(each) for each in history.operations]}
    if not history.xml:
        return (
            json.dumps(document).encode(),
            "application/json",
            _split(history, document, key_name),
        )
    body = write(document, history).encode()
    read = MultiStatusXMLParser().parse(io.BytesIO(body))
    return body, "application/xml", _split(history, read, key_name)


def _get_operation(asked: Any) -> dict[str, Any]:
    operation = {"method": asked.method, "key": asked.key, "data": asked.data}
    return {name: each for name, each in operation.items() if each is not None}


def _get_element(asked: Any, key_name: str) -> Any:
    if asked.method == "DELETE":
        # A blank item of XML is an empty object.
        return asked.key if _say(asked.key) else "blank"
    return asked.data if asked.key is None else asked.data | {key_name: asked.key}


def _split(history: History, document: Any, key_name: str) -> list[Any]:
    """Return what the singles ask, from what was read of the batch."""
    if history.route == "batch":
        return [
            (each["method"], each.get("key"), copy.deepcopy(each.get("data")))
            for each in document["operations"]
        ]
    method = history.operations[0].method
    if method == "DELETE":
        return [(method, each, None) for each in document]
    return [
        (method, None if method == "POST" else each[key_name], copy.deepcopy(each))
        for each in document
    ]


def write(document: Any, history: History) -> str:
    """Return a request in XML."""
    if history.route == "bulk":
        items = "".join(_write("m:item", each) for each in document)
        return f"<m:bulk {_HEAD}>{items}</m:bulk>"
    operations = "".join(
        _write(
            "m:operation",
            each.get("data", {}),
            f" method={quoteattr(each['method'])}"
            + (f" key={quoteattr(_say(each['key']))}" if "key" in each else ""),
            root=True,
        )
        for each in document["operations"]
    )
    return f"<m:batch {_HEAD}>{operations}</m:batch>"


def _write(tag: str, value: Any, attributes: str = "", *, root: bool = False) -> str:
    if value is None:
        return f'<{tag} xsi:nil="true"/>'
    if isinstance(value, list):
        inner = "".join(_write("m:item", each) for each in value)
        attributes += "" if inner else ' m:type="list"'
    elif isinstance(value, dict):
        inner = "".join(
            _write(names.escape_name(name), each) for name, each in value.items()
        )
        attributes += "" if inner or root else ' m:type="object"'
    else:
        inner = _say(value).replace("&", "&amp;").replace("<", "&lt;")
    return f"<{tag}{attributes}>{inner}</{tag}>"


def _say(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace("\x00", "")
