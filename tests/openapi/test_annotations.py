"""What annotations and docstrings of a project say of our routes."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import (
    viewsets,
)
from rest_framework.decorators import action
from rest_framework.response import Response

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.openapi.documents import (
    CategorySerializer,
    OwnSchema,
    RenameSerializer,
    Stock,
    Things,
    add_bulk,
    get_batch,
    get_body,
    get_bulk,
    get_operations,
    route,
)
from tests.shop.models import Category

pytestmark = pytest.mark.once


def test_override_that_is_only_there_to_be_annotated(document: Any) -> None:
    class Annotated(Things):
        @extend_schema(summary="Mine", tags=["mine"])
        def bulk(self, request: Any) -> Response:
            """Many at once."""
            return super().bulk(request)

        @extend_schema(summary="Mine, too")
        @action(detail=False, methods=["post"])
        def batch(self, request: Any, **kwargs: Any) -> Response:
            return super().batch(request, **kwargs)

    class Inheriting(Annotated):
        pass

    schema = document(route(Inheriting))

    assert list(schema["paths"]["/api/things/bulk/"]) == [
        "post",
        "put",
        "patch",
        "delete",
    ]
    bulk, batch = get_bulk(schema), get_batch(schema)
    assert (bulk["summary"], bulk["tags"]) == ("Mine", ["mine"])
    assert bulk["description"] == "Many at once."
    assert batch["summary"] == "Mine, too"
    for operation in (bulk, batch):
        assert "207" in operation["responses"]


def test_override_that_takes_fewer_methods(document: Any) -> None:
    class Fewer(Things):
        @action(detail=False, methods=["post", "patch"])
        def bulk(self, request: Any) -> Response:
            return super().bulk(request)

    schema = document(route(Fewer))

    assert list(schema["paths"]["/api/things/bulk/"]) == ["post", "patch"]


def test_override_that_does_something_is_no_route_of_ours(document: Any) -> None:
    class Counting(Things):
        counted = 0

        @extend_schema(summary="Mine")
        def bulk(self, request: Any) -> Response:
            self.counted += 1
            return super().bulk(request)

    schema = document(route(Counting))

    assert "/api/things/bulk/" not in schema["paths"]


def test_override_of_another_base_is_no_route_of_ours(document: Any) -> None:
    class Base(viewsets.GenericViewSet[Category]):
        def bulk(self, request: Any) -> Response:
            raise NotImplementedError

    class Calling(Base, Things):
        def bulk(self, request: Any) -> Response:
            return super().bulk(request)

    schema = document(route(Calling))

    assert "/api/things/bulk/" not in schema["paths"]


def test_annotations_of_a_class_for_all(document: Any) -> None:
    annotated = extend_schema(tags=["mine"])(
        extend_schema_view(
            create=extend_schema(request=RenameSerializer),
            bulk=extend_schema(summary="Mine"),
        )(type("Annotated", (Things,), {}))
    )

    schema = document(route(annotated))

    assert {tuple(each["tags"]) for _, _, each in get_operations(schema)} == {("mine",)}
    bulk = get_bulk(schema)
    assert bulk["summary"] == "Mine"
    assert get_body(bulk)["schema"]["items"] == {"$ref": "#/components/schemas/Rename"}


def test_annotations_of_ours_beside_a_schema_of_its_own(document: Any) -> None:
    class Annotated(add_bulk(OwnSchema)):  # type: ignore[misc]
        @extend_schema(summary="Mine")
        def bulk(self, request: Any) -> Response:
            return super().bulk(request)

    bulk = get_bulk(document(route(Annotated)))

    assert (bulk["summary"], bulk["tags"]) == ("Mine", ["tagged"])
    assert "207" in bulk["responses"]


def test_docstrings_of_ours_describe_nothing(document: Any) -> None:
    class Undocumented(BulkModelViewSet[Category]):
        queryset = Category.objects.all()
        serializer_class = CategorySerializer

    schema = document(route(Undocumented))

    singles = [
        operation
        for where, _, operation in get_operations(schema)
        if not where.endswith(("bulk/", "batch/"))
    ]
    assert len(singles) == 6
    assert [each.get("description", "").strip() for each in singles] == [""] * 6


def test_docstring_of_a_base_behind_ours(document: Any) -> None:
    viewset = type("Both", (BulkModelMixin, Stock), {})

    schema = document(route(viewset))

    assert schema["paths"]["/api/things/"]["get"]["description"] == "Categories."
