"""The documentation of a single endpoint, from its own annotated schema."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from drf_spectacular.plumbing import get_class

from multistatus_app.openapi.routes import get_single_view

JSON = "application/json"


class SingleEndpoint:
    """The single endpoint for one method, as its own schema documents it."""

    def __init__(self, bulk_schema: Any, method: str) -> None:
        """Build the schema of the single endpoint from that of our route."""
        self.method = method
        self.view = get_single_view(bulk_schema.view, method)
        # A new instance, as that of a class is shared by all its views.
        self.schema = get_class(self.view.schema)()
        self.schema.view = self.view
        self.schema.registry = bulk_schema.registry
        self.schema.method = method
        self.schema.path_prefix = bulk_schema.path_prefix
        self.schema.path = bulk_schema.collection_path
        self.schema.path_regex = bulk_schema.path_regex
        if self.view.detail:
            lookup = self.view.lookup_url_kwarg or self.view.lookup_field
            self.schema.path += f"{{{lookup}}}/"

    @cached_property
    def request(self) -> dict[str, Any]:
        """The schema of its JSON request body."""
        body = self.schema._get_request_body() or {}
        return _get_json_schema(body) or {"type": "object"}

    @cached_property
    def _response(self) -> tuple[int, dict[str, Any] | None]:
        """The status of a success, and the schema of its JSON."""
        responses = self.schema._get_response_bodies()
        for status in sorted(responses):
            if status.startswith("2"):
                return int(status), _get_json_schema(responses[status])
        return 200, None

    @property
    def status(self) -> int:
        """The status of a success."""
        return self._response[0]

    @property
    def response(self) -> dict[str, Any] | None:
        """The JSON schema of a success, or None if it has no body."""
        return self._response[1]


def _get_json_schema(container: dict[str, Any]) -> dict[str, Any] | None:
    """Return the schema of a body: of JSON, or else of its first media type."""
    content = container.get("content") or {}
    media: Any = content.get(JSON) or next(iter(content.values()), {})
    schema: dict[str, Any] | None = media.get("schema")
    return schema
