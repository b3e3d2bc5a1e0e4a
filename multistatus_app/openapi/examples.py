"""The examples of one of our routes: requests, and their responses."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, Literal
from urllib.parse import quote

from multistatus_app.formats.dav import write_multistatus
from multistatus_app.openapi.components import Components
from multistatus_app.openapi.samples import Sampler, Schema, Unknown, get_members
from multistatus_app.openapi.singles import JSON, SingleEndpoint
from multistatus_app.outcomes import ABSENT, MultiStatus, Operation, Outcome, Problem
from multistatus_app.problems import to_pointer
from multistatus_app.requests.endpoints import get_key_name, get_model
from multistatus_app.requests.preconditions import get_representation_etag
from multistatus_app.settings import get_bulk_limit

_REQUIRED: Final = Problem(code="required", detail="This field is required.")
# The only members of a schema that describes no object.
_ANY_OBJECT: Final = {"type", "additionalProperties", "description"}
_SLUG: Final = "[-a-zA-Z0-9_]+"


class Examples:
    """Makes the examples of one route."""

    def __init__(
        self, view: Any, path: str, components: Components, *, key: Schema
    ) -> None:
        """`path` is that of the route, with its variables filled in."""
        self.view = view
        self.route = path
        self.slash = "/" if path.endswith("/") else ""
        self.path = path.rstrip("/").rpartition("/")[0] + "/"
        self.components = components
        self.key = key
        self.limit = get_bulk_limit(view)

    def get_bulk(self, single: SingleEndpoint) -> Any:
        """Return a body for one method, or None if its data is not known."""
        with suppress(Unknown):
            elements = [self._get_element(single, number) for number in (1, 2)]
            return self.in_style(elements[: self.limit])
        return None

    def get_batch(self, singles: Sequence[SingleEndpoint]) -> Any:
        """Return a body with one operation of each method, or None likewise."""
        with suppress(Unknown):
            operations = [self._get_operation(*each) for each in enumerate(singles, 1)]
            return self.in_style({"operations": operations[: self.limit]})
        return None

    def get_answer(
        self, singles: Sequence[SingleEndpoint], *, mixed: bool
    ) -> tuple[str, MultiStatus | None]:
        """Return a title and the response: one of each kind if `mixed`, else two.

        The response is None if the representations are not known.
        """
        kinds = ([*singles] if mixed else [*singles, *singles])[: self.limit]
        operations = [
            Operation(
                index=index,
                method=single.method,
                ref="a" if single.method == "POST" and mixed else None,
            )
            for index, single in enumerate(kinds)
        ]
        with suppress(Unknown):
            outcomes = [*map(self._get_success, kinds[:-1], operations)]
            name, last = self._get_last(kinds[-1], operations[-1])
            return name, MultiStatus(outcomes=(*outcomes, last), committed=True)
        return "", None

    def in_style(self, document: Any) -> Any:
        """Write a document as the viewset's own JSON renderer does, as in camelCase.

        A renderer that does more than rename members is ignored.
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
        """Return a response in XML."""
        return "".join(write_multistatus(answer, base_path=self.route))

    # Requests

    def _get_element(self, single: SingleEndpoint, number: int) -> Any:
        if single.method == "POST":
            return self._get_data(single, number)
        key = self._get_key(single, number)
        if single.method == "DELETE":
            return key
        return {get_key_name(self.view): key} | self._get_data(single, number)

    def _get_operation(self, number: int, single: SingleEndpoint) -> dict[str, Any]:
        # Each has its own key, so that none names a resource that another deletes.
        operation: dict[str, Any] = {"method": single.method}
        if single.method == "POST":
            operation["ref"] = "a"
        else:
            operation["key"] = self._get_key(single, number)
        if single.method != "DELETE":
            operation["data"] = self._get_data(single, number)
        return operation

    def _get_key(self, single: SingleEndpoint, number: int) -> Any:
        """Return a key that a path can hold and the representation shows."""
        shown = self.components.resolve(single.response or {}).get("properties", {})
        schema = shown.get(get_key_name(self.view), self.key)
        regex = getattr(self.view, "lookup_value_regex", None)
        pattern = f"^(?:{regex or _SLUG})$"
        sampler = self._get_sampler(number, "writeOnly")
        key = sampler.get({"pattern": pattern} | schema)
        if regex and not re.search(pattern, str(key)):
            raise Unknown
        return key

    def _get_data(self, single: SingleEndpoint, number: int) -> Any:
        """Return a request body.

        For a PATCH it is one member, preferably a plain one.
        """
        if self.components.resolve(single.request).keys() <= _ANY_OBJECT:
            raise Unknown
        data = self._get_sampler(number, "readOnly").get(single.request)
        if single.method != "PATCH" or not isinstance(data, dict):
            return data
        plain = {k: v for k, v in data.items() if isinstance(v, str | int | float)}
        return dict([*(plain or data).items()][:1])

    # Responses

    def _get_success(self, single: SingleEndpoint, operation: Operation) -> Outcome:
        number = operation.index + 1
        data: Any = ABSENT
        if single.response is not None:
            data = self._get_sampler(number, "writeOnly").get(single.response)
        tagged = single.method != "DELETE" and data is not ABSENT
        key = quote(str(self._get_key(single, number)))
        return Outcome(
            operation=operation,
            status=single.status,
            href=f"{self.path}{key}{self.slash}",
            etag=get_representation_etag(data) if tagged else None,
            data=data,
        )

    def _get_last(
        self, single: SingleEndpoint, operation: Operation
    ) -> tuple[str, Outcome]:
        """Return a create that lacks a field, or another method without a target."""
        if single.method != "POST":
            model = get_model(self.view)
            name = "object" if model is None else model._meta.object_name
            detail = f"No {name} matches the given query."
            problem = Problem(code="not_found", detail=detail)
            return "The last one was not found", Outcome(
                operation=operation, status=404, problem=problem
            )
        missing = self._get_required(single)
        if missing is None:
            return "All were done", self._get_success(single, operation)
        return "A field of the last one was missing", Outcome(
            operation=operation,
            status=400,
            problem=Problem(code="invalid", detail="1 field is not valid."),
            errors=(replace(_REQUIRED, pointer=self._get_pointer(missing)),),
        )

    def _get_required(self, single: SingleEndpoint) -> str | None:
        """Return the name of a member that a create requires."""
        schema = self.components.resolve(single.request)
        members = get_members(self.components, schema, "readOnly")
        required = schema.get("required", ())
        return next((name for name in members if name in required), None)

    def _get_pointer(self, name: str) -> str:
        """Return the pointer to a member in the client's name for it."""
        try:
            pointer: str = self.view.get_bulk_pointer((name,))
        except Exception:  # it needs a real request
            return to_pointer((name,))
        return pointer

    def _get_sampler(
        self, number: int, hidden: Literal["readOnly", "writeOnly"]
    ) -> Sampler:
        return Sampler(components=self.components, number=number, hidden=hidden)


def _is_alike(one: Any, other: Any) -> bool:
    """Return True if two documents differ only in the names of members."""
    if isinstance(one, dict) and isinstance(other, dict):
        one, other = [*one.values()], [*other.values()]
    if isinstance(one, list) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_is_alike, one, other))
    return not isinstance(one, dict | list) and not isinstance(other, dict | list)
