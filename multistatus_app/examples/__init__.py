"""Sample values that a serializer would accept and return, made without a query.

For the raw-data forms of the browsable API and the examples in the OpenAPI document.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable
from typing import Any

from rest_framework.request import clone_request

from multistatus_app import endpoints
from multistatus_app.examples.fields import (
    get_candidates,
    get_example,
    get_model_value,
    get_representation,
)
from multistatus_app.settings import get_bulk_limit

__all__ = [
    "get_batch_example",
    "get_bulk_example",
    "get_candidates",
    "get_example",
    "get_key",
    "get_representation",
    "get_single_view",
]

GetData = Callable[[str, int], dict[str, Any]]
"""The data of an example, by method and number."""


def get_key(view: Any, *, number: int = 1) -> Any:
    """Return a key as the model of the view has them; a text where that is unknown."""
    model = endpoints.get_model(view)
    if model is None:
        return f"example-{number}"
    return get_model_value(model, view.lookup_field, number=number)


def get_bulk_example(
    view: Any, method: str, *, get_data: GetData | None = None
) -> list[Any]:
    """Return a body for `{prefix}/bulk/`, with two elements if the limit lets it.

    `get_data` gives the data of an element, if the serializer of the view does not.
    """
    get_data = get_data or functools.partial(_get_data, view)
    return [
        _get_element(view, method, number, get_data)
        for number in range(1, 1 + min(2, get_bulk_limit(view)))
    ]


def get_batch_example(
    view: Any,
    *,
    methods: Iterable[str] | None = None,
    get_data: GetData | None = None,
) -> dict[str, Any]:
    """Return a body for `{prefix}/batch/`: an operation of each method that is offered.

    `methods` and `get_data` stand in for what the view offers and its serializer takes.
    """
    get_data = get_data or functools.partial(_get_data, view)
    methods = endpoints.get_offered_methods(view) if methods is None else methods
    operations = []
    for number, method in enumerate(methods, 1):
        # A key of its own for each, so that none meets what another one has deleted.
        operation: dict[str, Any] = {"method": method}
        if method == "POST":
            operation["ref"] = "a"
        else:
            operation["key"] = get_key(view, number=number)
        if method != "DELETE":
            operation["data"] = get_data(method, number)
        operations.append(operation)
    return {"operations": operations[: get_bulk_limit(view)]}


def get_single_view(view: Any, method: str) -> Any:
    """Return a copy of the view that stands where the single request would be."""
    single = copy.copy(view)
    single.action = endpoints.SINGLE_ACTIONS[method]
    single.action_map = {method.lower(): single.action}
    single.detail = method != "POST"
    request = getattr(view, "request", None)
    single.request = None if request is None else clone_request(request, method)
    single.format_kwarg = getattr(view, "format_kwarg", None)
    return single


def _get_element(view: Any, method: str, number: int, get_data: GetData) -> Any:
    """Return an element of a bulk body."""
    key = get_key(view, number=number)
    if method == "DELETE":
        return key
    data = get_data(method, number)
    return data if method == "POST" else {endpoints.get_key_name(view): key} | data


def _get_data(view: Any, method: str, number: int) -> dict[str, Any]:
    """Return what the single endpoint would take as its body."""
    try:
        serializer = get_single_view(view, method).get_serializer()
    except Exception:  # a hook of the project that needs a real request
        return {}
    return get_example(serializer, partial=method == "PATCH", number=number)
