"""The schema of our routes, mixed into the schema of a viewset."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, Final

from django.core.exceptions import FieldError
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import (
    build_media_type_object,
    follow_model_field_lookup,
    get_doc,
)
from drf_spectacular.utils import OpenApiExample, OpenApiRequest, OpenApiResponse
from rest_framework.views import exception_handler

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.openapi.components import REFUSAL, Components, get_base
from multistatus_app.openapi.examples import Examples
from multistatus_app.openapi.parameters import PARAMETERS
from multistatus_app.openapi.refusals import Refusal, get_refusals
from multistatus_app.openapi.routes import get_documented_methods
from multistatus_app.openapi.singles import JSON, SingleEndpoint
from multistatus_app.openapi.xml import XML_REFUSAL, add_xml_multistatus
from multistatus_app.outcomes import MultiStatus
from multistatus_app.requests.endpoints import get_key_name, get_model
from multistatus_app.settings import get_bulk_limit

_XML: Final = ("application/xml", "text/xml")

_SUMMARIES: Final = {
    "POST": "Create many",
    "PUT": "Update many",
    "PATCH": "Update parts of many",
    "DELETE": "Delete many",
}
_ELEMENTS: Final = "Takes an array; each element is what the single endpoint takes"
_DESCRIPTIONS: Final = {
    "POST": f"{_ELEMENTS}.",
    "PUT": f"{_ELEMENTS}, and its `{{key}}`.",
    "PATCH": f"{_ELEMENTS}, and its `{{key}}`.",
    "DELETE": "Takes an array of keys: values of `{key}`.",
}
_BATCH: Final = (
    "Takes operations of any kind that the single endpoints offer, and runs them in "
    "their order."
)
_ANSWER: Final = (
    "Each operation is checked and run as a single request would be, and has its own "
    "status in the answer. The body may also be sent as XML (`application/xml`)."
)
_PROCESSED: Final = "Processed: each operation has its own status."

# Members for the type of a key. Others are about its field.
_OF_A_KEY: Final = frozenset(
    ("type", "format", "pattern", "minLength", "maxLength", "minimum", "maximum")
)


class BulkSchemaMixin(AutoSchema):
    """Documents `bulk/` and `batch/`, derived from the single endpoints."""

    view: Any

    def is_excluded(self) -> bool:
        """Exclude the route if none of its single endpoints is documented."""
        return super().is_excluded() or not self._singles

    def get_summary(self) -> str | None:
        """Return the summary of the route."""
        summary = super().get_summary()
        if summary is not None:
            return summary
        return "Run operations" if self._is_batch else _SUMMARIES[self.method]

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular
        """Return the annotated action's description, or ours."""
        described = get_doc(getattr(self.view, self.view.action))
        if described != get_doc(vars(BulkModelMixin)[self.view.bulk_kind]):
            return described
        taken = _BATCH if self._is_batch else _DESCRIPTIONS[self.method]
        return f"{taken.format(key=get_key_name(self.view))}\n\n{_ANSWER}"

    def get_auth(self) -> list[Any]:
        """Require the authentication of the single endpoints."""
        asked: list[Any] = []
        for single in self._singles:
            asked += [each for each in single.schema.get_auth() if each not in asked]
        return asked

    def get_filter_backends(self) -> list[Any]:
        """Return none, as the query options are ours."""
        return []

    def get_override_parameters(self) -> list[Any]:
        """Add our query options and headers."""
        return [*super().get_override_parameters(), *PARAMETERS]

    def get_request_serializer(self) -> Any:
        """Return the body. JSON only: generated clients cannot choose."""
        body = self._get_batch_body() if self._is_batch else self._get_bulk_body()
        return {JSON: body}

    def get_response_serializers(self) -> Any:
        """Return the 207 and the refusals, by status and media type."""
        rendered = self.map_renderers("media_type")
        refusals = get_refusals(self.view, self._singles)
        responses: dict[Any, Any] = {}
        json_types = [each for each in rendered if each not in _XML]
        if json_types:
            responses[207, *json_types] = self._get_json_answer()
            for each in refusals:
                responses[each.status, *json_types] = self._get_json_refusal(each)
        xml_types = [each for each in rendered if each in _XML][:1]
        if xml_types:
            responses[207, *xml_types] = self._get_xml_answer()
            for each in refusals:
                responses[each.status, *xml_types] = self._get_xml_refusal(each)
        return responses

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        inspector: Any = super()  # drf-spectacular does not type this method
        bodies = inspector._get_response_bodies(direction)
        return {
            status: self._components.add_response(f"MultiStatus{status}", body)
            if status.startswith(("4", "5"))
            else body
            for status, body in bodies.items()
        }

    def _is_list_view(self, serializer: Any = None) -> bool:
        # Without a serializer it would guess, and compute all responses again.
        return serializer is not None and super()._is_list_view(serializer)

    def _get_request_body(self, direction: Any = "request") -> Any:
        # drf-spectacular gives a DELETE no body.
        documented = self.get_request_serializer()
        if not isinstance(documented, dict):
            documented = {JSON: documented}
        inspector: Any = self  # drf-spectacular does not type these methods
        content = {}
        for media_type, body in documented.items():
            examples: Any = None
            if isinstance(body, OpenApiRequest):
                body, examples = body.request, body.examples
            schema, _ = inspector._get_request_for_media_type(body, direction)
            content[media_type] = build_media_type_object(
                schema,
                inspector._get_examples(body, direction, media_type, None, examples),
            )
        return {"content": content, "required": True}

    # The route

    @property
    def _is_batch(self) -> bool:
        return bool(self.view.bulk_kind == "batch")

    @property
    def collection_path(self) -> str:
        """The path of the collection above the route."""
        return self.path.rstrip("/").rpartition("/")[0] + "/"

    @cached_property
    def _singles(self) -> list[SingleEndpoint]:
        """The documented single endpoints of the route's methods."""
        methods = get_documented_methods(self.view)
        if not self._is_batch:
            methods = tuple(each for each in methods if each == self.method)
        singles = [SingleEndpoint(self, method) for method in methods]
        return [single for single in singles if not single.schema.is_excluded()]

    @cached_property
    def _components(self) -> Components:
        tokens = self._tokenize_path()[:-1] or ["root"]
        words = [
            word for token in tokens for word in re.findall(r"[A-Za-z0-9]+", token)
        ]
        fallback = "".join(word[0].upper() + word[1:] for word in words)
        return Components(self.registry, fallback=fallback)

    @cached_property
    def _examples(self) -> Examples:
        path = re.sub(r"{[^}]+}", "1", self.path)
        return Examples(self.view, path, self._components, key=self._key)

    @cached_property
    def _shown(self) -> tuple[str, MultiStatus | None]:
        """The title and the document of the example of a response."""
        return self._examples.get_answer(self._singles, mixed=self._is_batch)

    @cached_property
    def _reads(self) -> list[dict[str, Any]]:
        """The representations that the results may have."""
        reads: list[dict[str, Any]] = []
        for single in self._singles:
            if single.response is not None and single.response not in reads:
                reads.append(single.response)
        return reads

    @property
    def _base(self) -> str:
        """The name for components: a serializer's, or the route's."""
        documented = [*self._reads, *(single.request for single in self._singles)]
        names = filter(None, map(get_base, documented))
        return next(names, self._components.fallback)

    @cached_property
    def _key(self) -> dict[str, Any]:
        """The schema of a key, as in the path of the single endpoint."""
        inspector: Any = self  # drf-spectacular does not type this method
        schema: dict[str, Any] = {}
        try:
            column = follow_model_field_lookup(
                get_model(self.view), self.view.lookup_field
            )
        except (AttributeError, FieldError):  # no model, an annotation, a property
            for read in self._reads:
                members = self._components.resolve(read).get("properties", {})
                schema = schema or members.get(get_key_name(self.view), {})
        else:
            schema = inspector._map_model_field(column, direction=None)
        schema = self._components.resolve(schema)
        key = {word: each for word, each in schema.items() if word in _OF_A_KEY}
        if isinstance(key.get("type"), list):  # OpenAPI 3.1: a key is never null
            key["type"] = next(each for each in key["type"] if each != "null")
        return key if "type" in key else {"type": "string"}

    # Parts of the document

    def _get_bulk_body(self) -> OpenApiRequest:
        single = self._singles[0]
        if single.method == "DELETE":
            element = self._key
        elif single.method == "POST":
            element = single.request
        else:
            name = get_key_name(self.view)
            element = self._components.add_keyed(single, name, self._key)
        example = self._examples.get_bulk(single)
        return OpenApiRequest(
            self._get_array(element), examples=_get_examples("Two of them", example)
        )

    def _get_batch_body(self) -> OpenApiRequest:
        operations = {
            single.method: self._components.add_operation(
                single, self._key, base=self._base
            )
            for single in self._singles
        }
        mapping = {name: each["$ref"] for name, each in operations.items()}
        union = {
            "oneOf": [*operations.values()],
            "discriminator": {"propertyName": "method", "mapping": mapping},
        }
        schema = {
            "type": "object",
            "properties": {"operations": self._get_array(union)},
            "required": ["operations"],
            "additionalProperties": False,
        }
        example = self._examples.get_batch(self._singles)
        return OpenApiRequest(
            schema, examples=_get_examples("One of each kind", example)
        )

    def _get_array(self, items: Any) -> dict[str, Any]:
        limit = get_bulk_limit(self.view)
        return {"type": "array", "items": items, "minItems": 1, "maxItems": limit}

    def _get_json_answer(self) -> OpenApiResponse:
        schema = self._components.add_multistatus(self._reads)
        title, answer = self._shown
        example = answer and self._examples.in_style(answer.to_dict())
        return _respond(schema, _PROCESSED, title, example)

    def _get_xml_answer(self) -> OpenApiResponse:
        schema = add_xml_multistatus(self._components, self._reads)
        title, answer = self._shown
        example = answer and self._examples.get_xml(answer)
        return _respond(schema, _PROCESSED, title, example)

    def _get_json_refusal(self, refusal: Refusal) -> OpenApiResponse:
        if self.view.get_exception_handler() is not exception_handler:
            schema = {"type": "object", "additionalProperties": {}}
            return OpenApiResponse(schema, description=refusal.description)
        schema = self._components.add("MultiStatusRefusal", REFUSAL)
        example = self._examples.in_style(refusal.to_json())
        return _respond(schema, refusal.description, "Refused", example)

    def _get_xml_refusal(self, refusal: Refusal) -> OpenApiResponse:
        schema = self._components.add("MultiStatusXmlRefusal", XML_REFUSAL)
        return _respond(schema, refusal.description, "Refused", refusal.to_xml())


def _respond(
    schema: dict[str, Any], description: str, title: str, example: Any
) -> OpenApiResponse:
    examples = _get_examples(title, example)
    return OpenApiResponse(schema, description=description, examples=examples)


def _get_examples(name: str, value: Any) -> list[OpenApiExample]:
    """Return one example, or none without a value."""
    return [] if value is None else [OpenApiExample(name, value=value)]
