"""Examples for the document: requests, and the answers that they would get."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from multistatus_app import examples
from multistatus_app.dav import write_multistatus
from multistatus_app.endpoints import get_key_name, get_model
from multistatus_app.openapi.components import Components
from multistatus_app.openapi.singles import SingleEndpoint
from multistatus_app.outcomes import (
    ABSENT,
    MultiStatus,
    Operation,
    Outcome,
    Problem,
)

_TYPES: Final[dict[str, Any]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "null": type(None),
}
_SAMPLES: Final[dict[str, Any]] = {
    "object": {},
    "array": [],
    "string": "Example",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "null": None,
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "email": "user@example.org",
    "uri": "https://example.org/",
    "ipv4": "192.0.2.1",
    "decimal": "1.00",
}


class Samples:
    """Makes the examples of one route."""

    def __init__(self, view: Any, path: str, components: Components) -> None:
        """Take the path of the collection, its variables already filled."""
        self.view = view
        self.path = path
        self.components = components
        self.key_name = get_key_name(view)

    def get_bulk(self, single: SingleEndpoint) -> list[Any] | None:
        """Return a body for one method, or None where its data is unknown."""
        elements = [self._get_element(single, number) for number in (1, 2)]
        return None if ABSENT in elements else elements

    def get_batch(self, singles: Sequence[SingleEndpoint]) -> dict[str, Any] | None:
        """Return a body with one operation of each method, or None likewise."""
        operations = []
        for number, single in enumerate(singles, 1):
            operation: dict[str, Any] = {"method": single.method}
            if single.method == "POST":
                operation["ref"] = "a"
            else:
                operation["key"] = examples.get_key(self.view, number=number)
            if single.method != "DELETE":
                operation["data"] = self._get_data(single, number)
            operations.append(operation)
        if any(operation.get("data") is ABSENT for operation in operations):
            return None
        return {"operations": operations}

    def get_answer(
        self, singles: Sequence[SingleEndpoint], *, mixed: bool
    ) -> MultiStatus:
        """Return the answer to such a body: two of a kind, or one of each if `mixed`.

        The last operation fails.
        """
        kinds = [*singles] if len(singles) > 1 else [*singles, *singles]
        outcomes = [
            self._get_success(single, index, mixed=mixed)
            for index, single in enumerate(kinds[:-1])
        ]
        outcomes.append(self._get_failure(kinds[-1], len(kinds) - 1, mixed=mixed))
        return MultiStatus(outcomes=tuple(outcomes), committed=True)

    def get_xml(self, answer: MultiStatus, *, route: str) -> str:
        """Return an answer in XML."""
        return "".join(write_multistatus(answer, base_path=f"{self.path}{route}/"))

    def _get_element(self, single: SingleEndpoint, number: int) -> Any:
        """Return an element of a bulk body, or `ABSENT` where its data is unknown."""
        key = examples.get_key(self.view, number=number)
        if single.method == "DELETE":
            return key
        data = self._get_data(single, number)
        if single.method == "POST" or data is ABSENT:
            return data
        return {self.key_name: key} | data

    def _get_data(self, single: SingleEndpoint, number: int) -> Any:
        """Return data that the single endpoint takes, or `ABSENT`."""
        serializer = single.request_serializer
        if serializer is None:
            return ABSENT
        partial = single.method == "PATCH"
        data = examples.get_example(serializer, partial=partial, number=number)
        return self._fit(data, single.request)

    def _get_shown(self, single: SingleEndpoint, number: int) -> Any:
        """Return what the single endpoint answers, or `ABSENT`."""
        if single.response is None:
            return ABSENT
        if single.response_serializer is None:
            return self._get_sample(single.response)
        data = examples.get_representation(single.response_serializer, number=number)
        return self._fit(data, single.response)

    def _get_operation(self, single: SingleEndpoint, index: int, *, mixed: bool) -> Any:
        posted = single.method == "POST"
        return Operation(
            index=index,
            method=single.method,
            ref="a" if posted and mixed else None,
            data=self._get_data(single, index + 1) if not posted else ABSENT,
        )

    def _get_success(self, single: SingleEndpoint, index: int, *, mixed: bool) -> Any:
        key = examples.get_key(self.view, number=index + 1)
        return Outcome(
            operation=self._get_operation(single, index, mixed=mixed),
            status=single.status,
            href=f"{self.path}{key}/",
            data=self._get_shown(single, index + 1),
        )

    def _get_failure(self, single: SingleEndpoint, index: int, *, mixed: bool) -> Any:
        """Return a create that lacks a field, and anything else without a target."""
        operation = self._get_operation(single, index, mixed=mixed)
        if single.method == "POST":
            errors = self._get_errors(single)
            problem = Problem(code="invalid", detail="1 field is not valid.")
            return Outcome(
                operation=operation, status=400, problem=problem, errors=errors
            )
        model = get_model(self.view)
        name = "object" if model is None else model._meta.object_name
        problem = Problem(
            code="not_found", detail=f"No {name} matches the given query."
        )
        return Outcome(operation=operation, status=404, problem=problem)

    def _get_errors(self, single: SingleEndpoint) -> tuple[Problem, ...]:
        fields = getattr(single.request_serializer, "fields", {})
        names = [name for name, field in fields.items() if field.required]
        pointer = f"#/{(names or [*fields] or ['name'])[0]}"
        detail = "This field is required." if names else "Not a valid value."
        code = "required" if names else "invalid"
        return (Problem(code=code, detail=detail, pointer=pointer),)

    # What a serializer does not tell about its values, its schema may.

    def _fit(self, value: Any, schema: dict[str, Any]) -> Any:
        """Return the value, with what the schema does not allow in it replaced."""
        schema = self._resolve(schema)
        if not _allows(schema, value):
            return self._get_sample(schema)
        if isinstance(value, dict):
            members = schema.get("properties", {})
            return {
                name: self._fit(member, members.get(name, {}))
                for name, member in value.items()
            }
        if isinstance(value, list):
            return [self._fit(member, schema.get("items", {})) for member in value]
        return value

    def _get_sample(self, schema: dict[str, Any], depth: int = 0) -> Any:
        """Return a value that the schema describes."""
        schema = self._resolve(schema)
        for word in ("example", "default", "const"):
            if word in schema:
                return schema[word]
        if schema.get("enum"):
            return schema["enum"][0]
        for word in ("oneOf", "anyOf"):
            if word in schema:
                return self._get_sample(schema[word][0], depth + 1)
        if "properties" in schema and depth < 8:
            return {
                name: self._get_sample(member, depth + 1)
                for name, member in schema["properties"].items()
            }
        if "items" in schema and depth < 8:
            return [self._get_sample(schema["items"], depth + 1)]
        kind = next(iter(_get_types(schema)), "string")
        return (
            _SAMPLES.get(schema.get("format", ""), schema.get("minimum"))
            or (_SAMPLES[kind])
        )

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        schema = self.components.resolve(schema)
        if len(schema.get("allOf", ())) == 1 and "properties" not in schema:
            return self._resolve(schema["allOf"][0])
        return schema


def _get_types(schema: dict[str, Any]) -> list[str]:
    """Return the types of a schema: one in OpenAPI 3.0, any number in 3.1."""
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _allows(schema: dict[str, Any], value: Any) -> bool:
    """Whether a schema allows a value, judged by its type and its choices."""
    if value is None and schema.get("nullable"):
        return True
    if "enum" in schema and value not in schema["enum"]:
        return False
    types = _get_types(schema)
    if isinstance(value, bool) and types:
        return "boolean" in types
    return not types or any(isinstance(value, _TYPES[each]) for each in types)
