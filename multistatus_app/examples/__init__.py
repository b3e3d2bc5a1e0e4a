"""Sample values that a serializer would accept and return, made without a query.

For the raw-data forms of the browsable API and the examples in the OpenAPI document.
"""

from __future__ import annotations

import copy
from typing import Any

from rest_framework.request import clone_request

from multistatus_app import endpoints
from multistatus_app.examples.fields import (
    get_candidates,
    get_example,
    get_model_value,
    get_representation,
)

__all__ = [
    "get_batch_example",
    "get_bulk_example",
    "get_candidates",
    "get_example",
    "get_key",
    "get_representation",
    "get_single_view",
]


def get_key(view: Any, *, number: int = 1) -> Any:
    """Return a key as the model of the view has them; a text where that is unknown."""
    model = endpoints.get_model(view)
    if model is None:
        return f"example-{number}"
    return get_model_value(model, view.lookup_field, number=number)


def get_bulk_example(view: Any, method: str) -> list[Any]:
    """Return a body for `{prefix}/bulk/`, with two elements."""
    return [_get_element(view, method, number=number) for number in (1, 2)]


def get_batch_example(view: Any) -> dict[str, Any]:
    """Return a body for `{prefix}/batch/`: one operation of each method offered."""
    operations = []
    methods = endpoints.get_offered_methods(view)
    for number, method in enumerate(methods, 1):
        # A key of its own for each, so that none meets what another one has deleted.
        operation: dict[str, Any] = {"method": method}
        if method == "POST":
            operation["ref"] = "a"
        else:
            operation["key"] = get_key(view, number=number)
        if method != "DELETE":
            operation["data"] = _get_data(view, method, number=number)
        operations.append(operation)
    return {"operations": operations}


def get_single_view(view: Any, method: str) -> Any:
    """Return a copy of the view that stands where the single request would be."""
    single = copy.copy(view)
    single.action = endpoints.SINGLE_ACTIONS[method]
    single.action_map = {method.lower(): single.action}
    single.detail = method != "POST"
    if getattr(view, "request", None) is not None:
        single.request = clone_request(view.request, method)
    return single


def _get_element(view: Any, method: str, *, number: int) -> Any:
    """Return an element of a bulk body."""
    if method == "DELETE":
        return get_key(view, number=number)
    data = _get_data(view, method, number=number)
    if method == "POST":
        return data
    return {endpoints.get_key_name(view): get_key(view, number=number)} | data


def _get_data(view: Any, method: str, *, number: int) -> dict[str, Any]:
    """Return what the single endpoint would take as its body."""
    try:
        serializer = get_single_view(view, method).get_serializer()
    except Exception:  # a hook of the project that needs a real request
        return {}
    return get_example(serializer, partial=method == "PATCH", number=number)
