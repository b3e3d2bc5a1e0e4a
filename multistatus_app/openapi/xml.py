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


def add_xml_multistatus(components: Components, reads: Sequence[dict[str, Any]]) -> Any:
    """Add a `DAV:multistatus` (RFC 4918 14.16)."""
    properties = {
        "href": _element("D:href", _TEXT),
        "status": _element("D:status", _TEXT),
        "propstat": _elements(_add_propstat(components)),
        "error": _add_error(components),
        "responsedescription": _element("D:responsedescription", _TEXT),
        "location": _element(
            "D:location", _object({"href": _element("D:href", _TEXT)})
        ),
        "operation": _add_operation(components),
    }
    if reads:
        data = _get_data(components, reads[0]) if len(reads) == 1 else _object({})
        properties["data"] = _element("m:data", data)
    base = get_base(reads[0]) or components.fallback if reads else ""
    response = components.add(
        "MultiStatusXmlResponse",
        _element("D:response", _object(properties, required=["href", "operation"])),
        base=base,
    )
    return components.add(
        "MultiStatusXml",
        _element(
            "D:multistatus",
            _object(
                {
                    "response": _elements(response),
                    "responsedescription": _element("D:responsedescription", _TEXT),
                    "summary": _add_summary(components),
                },
                required=["response", "summary"],
            ),
        ),
        base=base,
    )


def add_xml_refusal(components: Components) -> Any:
    """Add the `DAV:error` of a request that was refused as a whole (14.5)."""
    description = _element("D:responsedescription", _TEXT)
    schema = _object({"responsedescription": description})
    note = "An element named by the code, in `urn:multistatus`, and the description."
    return components.add(
        "MultiStatusXmlRefusal", _element("D:error", schema | {"description": note})
    )


def _add_propstat(components: Components) -> Any:
    prop = _object({}) | {"description": "Empty elements, named by the fields."}
    return components.add(
        "MultiStatusXmlPropstat",
        _element(
            "D:propstat",
            _object(
                {
                    "prop": _element("D:prop", prop),
                    "status": _element("D:status", _TEXT),
                    "error": _add_error(components),
                    "responsedescription": _element("D:responsedescription", _TEXT),
                },
                required=["prop", "status"],
            ),
        ),
    )


def _add_error(components: Components) -> Any:
    code = _element("m:code", _object({"pointer": _attribute(_TEXT)}))
    note = "One element for each problem, named by its code."
    return components.add(
        "MultiStatusXmlError",
        _element("D:error", _object({}) | {"additionalProperties": code})
        | {"description": note},
    )


def _add_operation(components: Components) -> Any:
    properties = {
        "index": _attribute(_INTEGER),
        "ref": _attribute(_TEXT),
        "method": _attribute(_TEXT),
        "status": _attribute(_INTEGER),
        "retry-after": _attribute(_INTEGER),
        "etag": _attribute(_TEXT),
    }
    schema = _object(properties, required=["index", "status"])
    return components.add("MultiStatusXmlOperation", _element("m:operation", schema))


def _add_summary(components: Components) -> Any:
    properties = {
        name: _attribute({"type": "boolean"} if kind is bool else _INTEGER)
        for name, kind in get_type_hints(Summary).items()
    }
    schema = _object(properties, required=list(properties))
    return components.add("MultiStatusXmlSummary", _element("m:summary", schema))


def _get_data(
    components: Components, schema: dict[str, Any], seen: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the schema of a representation with the names it has in XML.

    It has only types and names. The JSON schema of the representation has the rest.
    """
    while "$ref" in schema:
        if schema["$ref"] in seen:
            return _object({})
        seen += (schema["$ref"],)
        schema = components.resolve({"$ref": schema["$ref"]})
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


def _object(
    properties: dict[str, Any], *, required: list[str] | None = None
) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    if properties:
        schema["properties"] = properties
    return schema | ({"required": required} if required else {})


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
