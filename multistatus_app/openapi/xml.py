"""The schemas of our XML responses: names, namespaces and attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, get_type_hints

from multistatus_app.formats.dav import escape_name
from multistatus_app.openapi.components import Components, get_base
from multistatus_app.outcomes import Summary

_NAMESPACES: Final = {
    "D": "DAV:",
    "m": "urn:multistatus",
    "f": "urn:multistatus:fields",
}
_KEPT: Final = ("type", "format", "nullable")
_TEXT: Final = {"type": "string"}
_INTEGER: Final = {"type": "integer"}
_BOOLEAN: Final = {"type": "boolean"}


def _object(
    properties: dict[str, Any], *, required: Sequence[str] = (), note: str = ""
) -> dict[str, Any]:
    members = {"properties": properties, "required": [*required], "description": note}
    return {"type": "object"} | {name: each for name, each in members.items() if each}


def _element(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an element with a name such as `D:href`."""
    prefix, _, local = name.partition(":")
    xml: dict[str, Any] = {"namespace": _NAMESPACES[prefix], "prefix": prefix}
    if schema.get("type") == "array":
        xml["wrapped"] = True
    return schema | {"xml": {"name": local} | xml}


def _elements(items: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of repeated elements without an element around them."""
    return {"type": "array", "items": items}


def _attribute(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"xml": {"attribute": True}}


_HREF: Final = {"href": _element("D:href", _TEXT)}
_STATUS: Final = {"status": _element("D:status", _TEXT)}
_DESCRIPTION: Final = {
    "responsedescription": _element("D:responsedescription", _TEXT),
}
_PROP: Final = _object({}, note="Empty elements, named by the fields.")
_CODE: Final = _element("m:code", _object({"pointer": _attribute(_TEXT)}))
_ERROR: Final = {
    **_element("D:error", {"type": "object", "additionalProperties": _CODE}),
    "description": "One element for each problem, named by its code.",
}
XML_REFUSAL: Final = _element(
    "D:error",
    _object(
        _DESCRIPTION,
        note="An element named by the code, in `urn:multistatus`, and the description.",
    ),
)
"""The `DAV:error` of a request that was refused as a whole (RFC 4918 14.5)."""
_OPERATION: Final = _element(
    "m:operation",
    _object(
        {
            "index": _attribute(_INTEGER),
            "ref": _attribute(_TEXT),
            "method": _attribute(_TEXT),
            "status": _attribute(_INTEGER),
            "retry-after": _attribute(_INTEGER),
            "etag": _attribute(_TEXT),
        },
        required=("index", "status"),
    ),
)
_COUNTS: Final = {
    name: _attribute(_BOOLEAN if kind is bool else _INTEGER)
    for name, kind in get_type_hints(Summary).items()
}
_SUMMARY: Final = _element("m:summary", _object(_COUNTS, required=[*_COUNTS]))


def add_xml_multistatus(components: Components, reads: Sequence[dict[str, Any]]) -> Any:
    """Add a `DAV:multistatus` (RFC 4918 14.16)."""
    error = {"error": components.add("MultiStatusXmlError", _ERROR)}
    propstat = _object(
        {"prop": _element("D:prop", _PROP)} | _STATUS | error | _DESCRIPTION,
        required=("prop", "status"),
    )
    propstat = components.add(
        "MultiStatusXmlPropstat", _element("D:propstat", propstat)
    )
    members = {
        **_HREF,
        **_STATUS,
        "propstat": _elements(propstat),
        **error,
        **_DESCRIPTION,
        "location": _element("D:location", _object(_HREF)),
        "operation": components.add("MultiStatusXmlOperation", _OPERATION),
    }
    if reads:
        data = _get_data(components, reads[0]) if len(reads) == 1 else _object({})
        members["data"] = _element("m:data", data)
    base = get_base(reads[0]) or components.fallback if reads else ""
    response = components.add(
        "MultiStatusXmlResponse",
        _element("D:response", _object(members, required=("href", "operation"))),
        base=base,
    )
    document = _object(
        {
            "response": _elements(response),
            **_DESCRIPTION,
            "summary": components.add("MultiStatusXmlSummary", _SUMMARY),
        },
        required=("response", "summary"),
    )
    return components.add(
        "MultiStatusXml", _element("D:multistatus", document), base=base
    )


def _get_data(
    components: Components, schema: dict[str, Any], seen: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the schema of a representation with the names it has in XML.

    It has only types and names. The JSON schema of the representation has the rest.
    """
    if "$ref" in schema:
        if schema["$ref"] in seen:
            return _object({})
        seen += (schema["$ref"],)
        return _get_data(components, components.resolve(schema), seen)
    if len(schema.get("allOf", ())) == 1:
        return _get_data(components, schema["allOf"][0], seen)
    if "properties" in schema:
        return _object(
            {
                name: _element(
                    f"f:{escape_name(name)}", _get_data(components, member, seen)
                )
                for name, member in schema["properties"].items()
            }
        )
    if "items" in schema:
        member = _get_data(components, schema["items"], seen)
        return {"type": "array", "items": _element("m:item", member)}
    return {name: value for name, value in schema.items() if name in _KEPT}
