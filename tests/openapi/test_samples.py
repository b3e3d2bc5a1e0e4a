"""Values from schemas: valid, or none at all."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from openapi_schema_validator import OAS30WriteValidator

from multistatus_app.openapi.components import Components
from multistatus_app.openapi.samples import Sampler, Unknown

pytestmark = pytest.mark.once

NODE = {"$ref": "#/components/schemas/Node"}


def get_sampler(number: int = 1, **components: Any) -> Sampler:
    registry = ComponentRegistry()
    for name, schema in components.items():
        component = ResolvedComponent(
            name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name
        )
        registry.register(component)
    return Sampler(
        components=Components(registry, fallback="Things"),
        number=number,
        hidden="readOnly",
    )


SCHEMAS: list[tuple[dict[str, Any], Any]] = [
    ({}, {"key": "value 1"}),
    ({"type": "string"}, "Example 1"),
    ({"type": "string", "maxLength": 2}, "E1"),
    ({"type": "string", "maxLength": 1}, "1"),
    ({"type": "string", "minLength": 12}, "Example 1xxx"),
    ({"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}, "example-1"),
    ({"type": "string", "pattern": "^[A-Z]{2}$", "maxLength": 2}, "AA"),
    ({"type": "string", "pattern": "^[A-Z]{3}$"}, "AAA"),
    ({"type": "string", "pattern": r"^\d{4}$", "example": "1234"}, "1234"),
    ({"type": "string", "default": "on"}, "on"),
    ({"type": "string", "enum": ["red", "green"]}, "red"),
    ({"type": "string", "examples": ["red", "green"]}, "red"),
    ({"const": 5}, 5),
    ({"type": "string", "format": "email"}, "user1@example.org"),
    ({"type": "string", "format": "email", "maxLength": 8}, "u1@e.org"),
    ({"type": "string", "format": "uri"}, "https://example.org/1"),
    (
        {"type": "string", "format": "uuid"},
        "00000000-0000-4000-8000-000000000001",
    ),
    ({"type": "string", "format": "ipv4"}, "192.0.2.1"),
    ({"type": "string", "format": "ipv6"}, "2001:db8::1"),
    ({"type": "string", "format": "date"}, "2026-01-01"),
    ({"type": "string", "format": "date-time"}, "2026-01-01T12:00:00Z"),
    ({"type": "string", "format": "time"}, "01:30:00"),
    ({"type": "string", "format": "duration"}, "PT1H"),
    ({"type": "string", "format": "decimal"}, "1.00"),
    ({"type": "string", "format": "decimal", "pattern": r"^\d{0,2}$"}, "1"),
    ({"type": "string", "format": "decimal", "pattern": r"^0?(?:\.\d+)?$"}, "0.1"),
    ({"type": "boolean"}, True),
    ({"type": "integer"}, 1),
    ({"type": "integer", "minimum": 10}, 10),
    ({"type": "integer", "maximum": -5}, -5),
    ({"type": "number"}, 1.5),
    ({"type": "number", "maximum": 0.5, "minimum": 0}, 0),
    ({"type": "number", "minimum": -1, "exclusiveMinimum": True}, 1.5),
    ({"type": "array", "items": {"type": "integer"}}, [1]),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 2]),
    ({"type": "array", "items": NODE}, []),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, {"key": 1}),
    ({"type": "object"}, {}),
    ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, 1),
    ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "Example 1"),
    ({"allOf": [{"type": "string"}]}, "Example 1"),
    (
        {
            "allOf": [
                {"type": "object", "properties": {"a": {"type": "integer"}}},
                {"type": "object", "properties": {"b": {"type": "boolean"}}},
            ]
        },
        {"a": 1, "b": True},
    ),
    ({"$ref": "#/components/schemas/Leaf"}, {"kind": "Example 1"}),
    (
        {
            "oneOf": [{"$ref": "#/components/schemas/Leaf"}],
            "discriminator": {
                "propertyName": "kind",
                "mapping": {"leaf": "#/components/schemas/Leaf"},
            },
        },
        {"kind": "leaf"},
    ),
]

LEAF = {"type": "object", "properties": {"kind": {"type": "string"}}}
RECURSIVE = {"type": "object", "properties": {"next": NODE}, "required": ["next"]}


@pytest.mark.parametrize(("schema", "value"), SCHEMAS)
def test_value_is_valid(schema: dict[str, Any], value: Any) -> None:
    components = {"Leaf": LEAF, "Node": RECURSIVE}

    got = get_sampler(**components).get(schema)

    assert got == value
    OAS30WriteValidator(
        schema | {"components": {"schemas": components}},
        format_checker=jsonschema.FormatChecker(),
    ).validate(got)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": r"^\d{4}-\d{4}$"},
        {"type": "string", "pattern": r"^\p{L}+$"},  # ECMA 262 alone knows it
        {"type": "string", "format": "binary"},
        {"type": "string", "format": "phone"},
        {"type": "string", "format": "email", "maxLength": 3},
        {"type": "number", "minimum": 0.2, "maximum": 0.5},
        {
            "type": "number",
            "maximum": 1,
            "exclusiveMaximum": True,
        },
        {"type": "null"},
        {"allOf": [{"type": "string"}, {"minLength": 2}]},
        {"type": "array", "items": {"type": "null"}, "minItems": 1},
        {"type": "object", "properties": {"a": {"type": "null"}}, "required": ["a"]},
        NODE,
    ],
)
def test_no_value(schema: dict[str, Any]) -> None:
    with pytest.raises(Unknown):
        get_sampler(Node=RECURSIVE).get(schema)


@pytest.mark.parametrize(
    ("member", "shown"),
    [
        ({"type": "integer"}, {"it": 1}),
        ({"type": "integer", "readOnly": True}, {}),
        # It may refer to a row that is not there.
        ({"type": "integer", "nullable": True}, {"it": None}),
        ({"type": ["integer", "null"]}, {"it": None}),
        ({"type": "string", "format": "uuid", "nullable": True}, {"it": None}),
        ({"type": "array", "items": {"type": "integer"}}, {"it": []}),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 1}, {"it": [1]}),
        ({"type": "integer", "nullable": True, "default": 3}, {"it": 3}),
        ({"type": "string", "nullable": True}, {"it": "Example 1"}),
        ({"type": "array", "items": {"type": "string"}}, {"it": ["Example 1"]}),
        ({"type": "string", "format": "binary"}, {}),
    ],
)
def test_optional_member(member: dict[str, Any], shown: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {"it": member}}

    assert get_sampler().get(schema) == shown


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "maxLength": 5}, "E2"),
        ({"type": "string", "pattern": "^[A-Z]{2}$"}, "BB"),
        ({"type": "integer", "minimum": 10}, 11),
        ({"type": "string", "format": "date"}, "2026-01-02"),
    ],
)
def test_value_differs_by_number(schema: dict[str, Any], value: Any) -> None:
    assert get_sampler(2).get(schema) == value
