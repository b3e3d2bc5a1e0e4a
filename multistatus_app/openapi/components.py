"""The schemas of our requests and JSON responses, as components of the document."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from itertools import chain, count
from typing import Any, Final, get_type_hints

from drf_spectacular.plumbing import (
    ComponentRegistry,
    ResolvedComponent,
    build_array_type,
    build_object_type,
)

from multistatus_app.openapi.singles import SingleEndpoint
from multistatus_app.outcomes import Summary
from multistatus_app.requests.endpoints import SINGLE_ACTIONS

_PREFIX: Final = "#/components/schemas/"

_COUNT: Final = {"type": "integer", "minimum": 0}
_TEXT: Final = {"type": "string"}


def _with_note(schema: dict[str, Any], note: str) -> dict[str, Any]:
    return schema | {"description": note}


_COMMITTED: Final = _with_note(
    {"type": "boolean"},
    "False after a dry run, and after an atomic request that failed.",
)
_COUNTS: Final = {
    name: _COMMITTED if kind is bool else _COUNT
    for name, kind in get_type_hints(Summary).items()
}
_SUMMARY: Final = build_object_type(_COUNTS, _COUNTS)
_TOLD: Final = {"code": _TEXT, "detail": _TEXT}
_POINTER: Final = _with_note(
    _TEXT,
    "Where in the data: an RFC 6901 pointer in fragment form, `#` for the data as a "
    "whole.",
)
_ERROR: Final = build_object_type({"pointer": _POINTER} | _TOLD, _TOLD)
REFUSAL: Final = build_object_type(
    {"detail": _TEXT},
    ["detail"],
    "Why a request was refused as a whole. Nothing has run.",
)
"""The response of DRF's own exception handler."""


class Components:
    """Registers components, equal ones under one name."""

    def __init__(self, registry: ComponentRegistry, *, fallback: str) -> None:
        """`fallback` is the name of the route, used if a serializer has none."""
        self.registry = registry
        self.fallback = fallback

    def add(self, name: str, schema: dict[str, Any], *, base: str = "") -> Any:
        """Return a reference to a component named `base` + `name`.

        If another schema has that name, the name of the route replaces the base.
        """
        numbered = (f"{self.fallback}{name}{number}" for number in count(2))
        candidates = chain([base + name, self.fallback + name], numbered)
        free = next(each for each in candidates if self.get(each) in (None, schema))
        component = ResolvedComponent(
            name=free,
            type=ResolvedComponent.SCHEMA,
            # A copy, as a hook of the project may change it in place.
            schema=deepcopy(schema),
            object=Components,
        )
        if self.get(free) is None:
            self.registry.register(component)
        return component.ref

    def get(self, name: str) -> dict[str, Any] | None:
        """Return the schema of a component, or None if there is none."""
        try:
            component = self.registry[name, ResolvedComponent.SCHEMA]
        except KeyError:
            return None
        schema: dict[str, Any] = component.schema or {}
        return schema

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema that a reference leads to."""
        while "$ref" in schema:
            schema = self.get(get_name(schema) or "") or {}
        return schema

    def add_response(self, name: str, response: dict[str, Any]) -> Any:
        """Return a reference to a response, or the response if its name is taken."""
        component = ResolvedComponent(
            name=name,
            type=ResolvedComponent.RESPONSE,
            schema=response,
            object=Components,
        )
        self.registry.register_on_missing(component)
        same = self.registry[component].schema == response
        return component.ref if same else response

    def add_keyed(
        self, single: SingleEndpoint, key_name: str, key: dict[str, Any]
    ) -> Any:
        """Add an element of a bulk update: the single request body, with its key."""
        request = self.resolve(single.request)
        own = request.get("properties", {}).get(key_name)
        writable = own is not None and not own.get("readOnly")
        if writable and key_name in request.get("required", ()):
            return single.request
        # Each part is a component, as hooks that rename members look into nothing else.
        member = self.add(
            "Key",
            build_object_type({key_name: own if writable else key}, [key_name]),
            base=get_base(single.request) or self.fallback,
        )
        name = get_name(single.request)
        rest = single.request
        if own is not None and not writable:
            rest = _get_writable(request)
            rest = self.add(f"Writable{name}", rest) if name else rest
        schema = {"allOf": [rest, member]}
        return self.add(f"Keyed{name}", schema) if name else schema

    def add_problem(self) -> Any:
        """Add the problem of a failed operation."""
        told = {"status": {"type": "integer"}, "title": _TEXT} | _TOLD
        errors = build_array_type(self.add("MultiStatusError", _ERROR))
        note = "Why an operation failed, in the words of RFC 9457."
        problem = build_object_type(told | {"errors": errors}, told, note)
        return self.add("MultiStatusProblem", problem)

    def add_method(self, *methods: str) -> Any:
        """Add methods as a type of their own.

        As an `enum` in a property they would get a name from drf-spectacular, and a
        field `method` of the project would get another one.
        """
        name = "".join(method.title() for method in methods) if len(methods) < 2 else ""
        return self.add(f"MultiStatus{name}Method", _TEXT | {"enum": [*methods]})

    def add_operation(
        self, single: SingleEndpoint, key: dict[str, Any], *, base: str
    ) -> Any:
        """Add an operation of a batch."""
        properties: dict[str, Any] = {
            "method": self.add_method(single.method),
            "ref": _with_note(
                _TEXT, "A mark of your own, unique in the request, echoed."
            ),
        }
        if single.method != "POST":
            note = "An entity tag that the resource must still have."
            properties |= {"key": key, "if_match": _with_note(_TEXT, note)}
        if single.method != "DELETE":
            properties["data"] = single.request
        required = properties.keys() - {"ref", "if_match"}
        action = SINGLE_ACTIONS[single.method].title().replace("_", "")
        return self.add(
            f"{action}Operation",
            build_object_type(properties, required, additionalProperties=False),
            base=base,
        )

    def add_multistatus(self, reads: Sequence[dict[str, Any]]) -> Any:
        """Add the response, with the representations that its results may have."""
        properties: dict[str, Any] = {
            "index": _with_note(_COUNT, "The place in the request, from 0."),
            "ref": _TEXT,
            "method": self.add_method(*SINGLE_ACTIONS),
            "status": {"type": "integer", "minimum": 200, "maximum": 599},
            "href": _with_note(_TEXT, "The absolute path of the resource."),
            "etag": _with_note(_TEXT, "The entity tag of the resource as it is now."),
            "data": reads[0] if len(reads) == 1 else {"anyOf": [*reads]},
            "error": self.add_problem(),
            "retry_after": _with_note(_COUNT, "Seconds."),
        }
        if not reads:
            del properties["data"]
        base = get_base(reads[0]) or self.fallback if reads else ""
        result = build_object_type(properties, ["index", "status"])
        results = build_array_type(self.add("MultiStatusResult", result, base=base))
        summary = self.add("MultiStatusSummary", _SUMMARY)
        members = {"results": results, "summary": summary}
        return self.add("MultiStatus", build_object_type(members, members), base=base)


def _get_writable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object without its read-only members.

    Needed if requests and responses share components (COMPONENT_SPLIT_REQUEST off).
    """
    properties = {
        name: _hide_enum(member)
        for name, member in schema["properties"].items()
        if not member.get("readOnly")
    }
    required = [name for name in schema.get("required", ()) if name in properties]
    copied = schema | {"properties": properties, "required": required}
    return {name: value for name, value in copied.items() if value}


def _hide_enum(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with its `enum` hidden from the hook that names enums."""
    if "items" in schema:
        return schema | {"items": _hide_enum(schema["items"])}
    if "enum" not in schema:
        return schema
    return {"allOf": [{k: v for k, v in schema.items() if k != "x-spec-enum-id"}]}


def get_name(schema: dict[str, Any]) -> str | None:
    """Return the name of the component that a schema refers to, if any."""
    reference: str | None = schema.get("$ref")
    return None if reference is None else reference.removeprefix(_PREFIX)


def get_base(schema: dict[str, Any]) -> str | None:
    """Return the name of the serializer behind a schema, if it refers to one."""
    name = get_name(schema)
    return name and name.removeprefix("Patched").removesuffix("Request")
