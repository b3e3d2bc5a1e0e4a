"""Where the shapes answer: their routes, and a naive loop for each."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404
from django.urls import path
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from tests.benchmarks.shape_viewsets import VIEWSETS

_ACTIONS = {"POST": "create", "PATCH": "partial_update", "DELETE": "destroy"}


class Naive:
    """The loop that every team adds to its viewset: a savepoint for each item."""

    def loop(self: Any, request: Request) -> Response:
        """Write one after the other, and say what became of each."""
        told = []
        with transaction.atomic():
            for item in request.data:
                try:
                    with transaction.atomic():
                        told.append(self.write(item))
                except APIException as exc:
                    told.append({"status": exc.status_code, "errors": exc.detail})
                except Http404:
                    told.append({"status": 404})
        return Response(told, status=207)

    def write(self: Any, item: Any) -> dict[str, Any]:
        """Write one, by the hooks of the viewset."""
        method, key, data = self.read(item)
        self.action = _ACTIONS[method]
        if hasattr(self, "check"):
            self.check(data or {})
        instance = None
        if method != "POST":
            self.kwargs["pk"] = key
            instance = self.get_object()
        if method == "DELETE":
            self.perform_destroy(instance)
            return {"status": 204}
        serializer = self.get_serializer(instance, data=data, partial=method == "PATCH")
        serializer.is_valid(raise_exception=True)
        if method == "POST":
            self.perform_create(serializer)
            return {"status": 201, "data": serializer.data}
        self.perform_update(serializer)
        return {"status": 200, "data": serializer.data}

    def read(self: Any, item: Any) -> tuple[str, Any, Any]:
        """Return method, key and data; an item of a mixed request says all three."""
        method = str(self.request.method)
        if method == "DELETE":
            return method, item, None
        if "method" in item:
            return item["method"], item.get("key"), item.get("data")
        return method, item.get("id"), item


def _make_naive(viewset: Any) -> Any:
    naive: Any = type(f"Naive{viewset.__name__}", (Naive, viewset), {})
    return naive.as_view(dict.fromkeys(("post", "patch", "delete"), "loop"))


router = SimpleRouter()
for name, viewset in VIEWSETS.items():
    router.register(name, viewset, basename=name)
urlpatterns = [
    *router.urls,
    *(
        path(f"naive/{name}/", _make_naive(viewset))
        for name, viewset in VIEWSETS.items()
    ),
]
