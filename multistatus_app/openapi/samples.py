"""Examples for the document: requests, and the answers that they would get."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from multistatus_app import examples
from multistatus_app.dav import write_multistatus
from multistatus_app.endpoints import get_model
from multistatus_app.openapi.components import Components
from multistatus_app.openapi.singles import JSON, SingleEndpoint
from multistatus_app.outcomes import (
    ABSENT,
    MultiStatus,
    Operation,
    Outcome,
    Problem,
)
from multistatus_app.preconditions import get_representation_etag
from multistatus_app.problems import to_pointer
from multistatus_app.settings import get_bulk_limit

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
        """Take the path of the route, its variables already filled."""
        self.view = view
        self.route = path
        self.slash = "/" if path.endswith("/") else ""
        self.path = path.rstrip("/").rpartition("/")[0] + "/"
        self.components = components

    def get_bulk(self, single: SingleEndpoint) -> list[Any] | None:
        """Return a body for one method, or None where its data is unknown."""
        if not _is_known(single):
            return None
        return examples.get_bulk_example(
            self.view,
            single.method,
            get_data=lambda _, number: self._get_data(single, number),
        )

    def get_batch(self, singles: Sequence[SingleEndpoint]) -> dict[str, Any] | None:
        """Return a body with one operation of each method, or None likewise."""
        if not all(map(_is_known, singles)):
            return None
        by_method = {single.method: single for single in singles}
        return examples.get_batch_example(
            self.view,
            methods=by_method,
            get_data=lambda method, number: self._get_data(by_method[method], number),
        )

    def get_answer(
        self, singles: Sequence[SingleEndpoint], *, mixed: bool
    ) -> tuple[str, MultiStatus]:
        """Return what happened, and the answer: one of each kind if `mixed`, or two."""
        kinds = [*singles] if mixed else [*singles, *singles]
        kinds = kinds[: get_bulk_limit(self.view)]
        outcomes = [
            self._get_success(single, index, mixed=mixed)
            for index, single in enumerate(kinds[:-1])
        ]
        name, failure = self._get_failure(kinds[-1], len(kinds) - 1, mixed=mixed)
        return name, MultiStatus(outcomes=(*outcomes, failure), committed=True)

    def in_style(self, document: Any) -> Any:
        """Write a document as the viewset's own renderer of JSON does: camelCase.

        One that does more than rename members is not followed.
        """
        renderers = self.view.get_renderers()
        renderer = next(each for each in renderers if each.media_type == JSON)
        context = {"view": self.view, "request": self.view.request}
        try:
            styled = json.loads(renderer.render(document, JSON, context))
        except Exception:  # it needs a response
            return document
        return styled if _is_alike(styled, document) else document

    def get_xml(self, answer: MultiStatus) -> str:
        """Return an answer in XML."""
        return "".join(write_multistatus(answer, base_path=self.route))

    def _get_data(self, single: SingleEndpoint, number: int) -> Any:
        """Return data that the single endpoint takes."""
        partial = single.method == "PATCH"
        serializer = single.request_serializer
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

    def _get_operation(
        self, single: SingleEndpoint, index: int, *, mixed: bool
    ) -> Operation:
        ref = "a" if single.method == "POST" and mixed else None
        return Operation(index=index, method=single.method, ref=ref)

    def _get_success(
        self, single: SingleEndpoint, index: int, *, mixed: bool
    ) -> Outcome:
        key = examples.get_key(self.view, number=index + 1)
        data = self._get_shown(single, index + 1)
        tagged = single.method != "DELETE" and data is not ABSENT
        return Outcome(
            operation=self._get_operation(single, index, mixed=mixed),
            status=single.status,
            href=f"{self.path}{key}{self.slash}",
            etag=get_representation_etag(data) if tagged else None,
            data=data,
        )

    def _get_failure(
        self, single: SingleEndpoint, index: int, *, mixed: bool
    ) -> tuple[str, Outcome]:
        """Return a create that lacks a field, or anything else without a target."""
        operation = self._get_operation(single, index, mixed=mixed)
        required = self._get_required(single)
        if required is not None:
            error = Problem(
                code="required",
                detail="This field is required.",
                pointer=self._get_pointer(required),
            )
            return "A field of the last one was missing", Outcome(
                operation=operation,
                status=400,
                problem=Problem(code="invalid", detail="1 field is not valid."),
                errors=(error,),
            )
        if single.method == "POST":
            return "All were done", self._get_success(single, index, mixed=mixed)
        model = get_model(self.view)
        name = "object" if model is None else model._meta.object_name
        detail = f"No {name} matches the given query."
        problem = Problem(code="not_found", detail=detail)
        return "The last one was not found", Outcome(
            operation=operation, status=404, problem=problem
        )

    def _get_pointer(self, name: str) -> str:
        """Point at a member by the client's name for it."""
        try:
            pointer: str = self.view.get_bulk_pointer((name,))
        except Exception:  # it needs a real request
            return to_pointer((name,))
        return pointer

    def _get_required(self, single: SingleEndpoint) -> str | None:
        """Return the name of a field without which a create fails."""
        if single.method != "POST":
            return None
        fields = getattr(single.request_serializer, "fields", {})
        return next((name for name, field in fields.items() if field.required), None)

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


def _is_alike(one: Any, other: Any) -> bool:
    """Whether two documents are the same but for the names of members."""
    if isinstance(one, dict) and isinstance(other, dict):
        one, other = [*one.values()], [*other.values()]
    if isinstance(one, list) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_is_alike, one, other))
    return not isinstance(one, dict | list) and not isinstance(other, dict | list)


def _is_known(single: SingleEndpoint) -> bool:
    """Whether it can be known what data the single endpoint takes."""
    return single.method == "DELETE" or single.request_serializer is not None


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
