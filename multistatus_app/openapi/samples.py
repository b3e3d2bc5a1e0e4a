"""Sample values that are valid for a schema, for the examples."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from multistatus_app.openapi.components import Components, get_name

Schema = dict[str, Any]

# By format, with the number of the element for `{}`. The first one that fits the length
# and the pattern is used.
_TEXTS: Final[Mapping[str, Sequence[str]]] = {
    "": ("Example {}", "example-{}", "E{}", "{}"),
    "password": ("Example {}",),
    "date": ("2026-01-{:02}",),
    "date-time": ("2026-01-{:02}T12:00:00Z",),
    "time": ("{:02}:30:00",),
    "duration": ("PT{}H",),
    "uuid": ("00000000-0000-4000-8000-{:012}",),
    "email": ("user{}@example.org", "u{}@e.org"),
    "uri": ("https://example.org/{}",),
    "ipv4": ("192.0.2.{}",),
    "ipv6": ("2001:db8::{}",),
    "decimal": ("{}.00", "{}", "0.{}"),
}
# What a schema says of its values, in the order in which it is believed.
_ONE: Final = ("example", "const", "default")
_SEVERAL: Final = ("examples", "enum")


class Unknown(Exception):
    """No value is known to be valid, so there is no example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """Makes sample values, or raises `Unknown`."""

    components: Components
    """The components that references lead to."""
    number: int
    """The number of the element, from 1, which makes its values distinct."""
    hidden: Literal["readOnly", "writeOnly"]
    """The members left out: `readOnly` in requests, `writeOnly` in responses."""
    within: frozenset[str] = frozenset()
    """The components around the value, to detect recursion."""

    def get(self, schema: Schema) -> Any:
        """Return a value: an example in the schema, or one of its type."""
        name = get_name(schema)
        if name in self.within:
            raise Unknown
        if name is not None:
            inner = replace(self, within=self.within | {name})
            return inner.get(self.components.get(name) or {})
        given = [schema[word] for word in _ONE if word in schema]
        given += [each for word in _SEVERAL for each in schema.get(word, ())]
        if given:
            return given[0]
        options = schema.get("oneOf") or schema.get("anyOf")
        if options:
            return self._get_option(options, schema.get("discriminator", {}))
        if "allOf" in schema:
            return self._merge([self.get(each) for each in schema["allOf"]])
        match get_types(schema):
            case ["object", *_]:
                return self._get_object(schema)
            case ["array", *_]:
                return self._get_array(schema)
            case ["string", *_]:
                return self._get_text(schema)
            case ["integer", *_]:
                return self._get_number(schema, self.number)
            case ["number", *_]:
                return self._get_number(schema, self.number + 0.5)
            case ["boolean", *_]:
                return True
            case []:
                return {"key": f"value {self.number}"}
        raise Unknown

    def _get_option(self, options: Sequence[Schema], discriminator: Schema) -> Any:
        for name, reference in discriminator.get("mapping", {}).items():
            return self.get({"$ref": reference}) | {discriminator["propertyName"]: name}
        return self.get(options[0])

    def _merge(self, parts: Sequence[Any]) -> Any:
        if len(parts) == 1:
            return parts[0]
        if not all(isinstance(each, dict) for each in parts):
            raise Unknown
        return {name: value for part in parts for name, value in part.items()}

    def _get_object(self, schema: Schema) -> dict[str, Any]:
        made = {}
        for name, member in get_members(self.components, schema, self.hidden).items():
            required = name in schema.get("required", ())
            try:
                made[name] = self.get(member) if required else self._get_other(member)
            except Unknown:
                if required:
                    raise
        values = schema.get("additionalProperties")
        if values and "properties" not in schema:
            made["key"] = self.get(values)
        return made

    def _get_other(self, schema: Schema) -> Any:
        """Return an optional member. It is empty if it may refer to another row."""
        nullable = schema.get("nullable") or "null" in get_types(schema)
        if nullable and _may_refer(schema):
            return None
        if _may_refer(schema.get("items", {})) and not schema.get("minItems"):
            return []
        return self.get(schema)

    def _get_array(self, schema: Schema) -> list[Any]:
        places = range(max(schema.get("minItems", 0), 1))
        samplers = [replace(self, number=self.number + place) for place in places]
        try:
            return [sampler.get(schema.get("items", {})) for sampler in samplers]
        except Unknown:
            if schema.get("minItems"):
                raise
            return []

    def _get_text(self, schema: Schema) -> str:
        kind, longest = schema.get("format", ""), schema.get("maxLength", 80)
        texts = [each.format(self.number) for each in _TEXTS.get(kind, ())]
        if not kind:  # codes, such as those of countries and currencies
            letter = chr(ord("A") + (self.number - 1) % 26)
            texts += [letter * 2, letter * 3]
        for text in texts:
            padded = text.ljust(schema.get("minLength", 0), "x")
            if len(padded) <= longest and _matches(schema.get("pattern", ""), padded):
                return padded
        raise Unknown

    def _get_number(self, schema: Schema, value: float) -> float:
        low, high = (
            schema.get(word.lower(), schema.get(f"exclusive{word}"))
            for word in ("Minimum", "Maximum")
        )
        if low is not None and value < low:
            value = math.ceil(low) + self.number - 1
        if high is not None and value > high:
            value = math.floor(high)
        strict = "exclusiveMinimum" in schema or "exclusiveMaximum" in schema
        if (low is not None and value < low) or (strict and value in (low, high)):
            raise Unknown
        return value


def get_types(schema: Schema) -> list[str]:
    """Return the types of a schema: one in OpenAPI 3.0, any number in 3.1."""
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def get_members(components: Components, schema: Schema, hidden: str) -> Schema:
    """Return the properties of an object that are not `hidden`, such as `readOnly`."""
    return {
        name: member
        for name, member in schema.get("properties", {}).items()
        if not (member.get(hidden) or components.resolve(member).get(hidden))
    }


def _may_refer(schema: Schema) -> bool:
    """Return True if a value may be the key of a row, by its schema."""
    keyed = "integer" in get_types(schema) or schema.get("format") == "uuid"
    return keyed and not any(word in schema for word in _ONE + _SEVERAL)


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:  # valid in ECMA 262 alone
        return False
