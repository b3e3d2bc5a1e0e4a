"""Hooks of the mixin that a project calls itself, or has a way of its own for."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers, viewsets
from rest_framework.response import Response
from rest_framework.test import APIClient

from multistatus_app.mixins import BulkModelMixin
from tests.answers import get_details, get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.handlers.viewsets import get_names, make_view
from tests.shop.models import Category

pytestmark = pytest.mark.django_db


class Plain:
    """A target that is no row."""

    pk = 1
    name = "old"


class PlainSerializer(serializers.Serializer[Any]):
    """Of such a target."""

    name = serializers.CharField()

    def update(self, instance: Any, validated_data: Any) -> Any:
        """Change it."""
        instance.name = validated_data["name"]
        return instance


class PlainViewSet(viewsets.ModelViewSet[Any]):
    """Finds targets that are no rows."""

    queryset = Category.objects.all()
    serializer_class = PlainSerializer

    def get_object(self) -> Any:
        """Find one."""
        return Plain()


def test_what_is_no_row_is_not_locked(api: APIClient, serve: Serve) -> None:
    serve(type("LockingViewSet", (BulkModelMixin, PlainViewSet), {"bulk_lock": "wait"}))

    response = api.patch("/things/bulk/", [{"id": 1, "name": "new"}])

    assert get_statuses(response) == [200]


def test_a_queryset_is_filtered_without_a_request() -> None:
    row = CategoryFactory()
    view = make_view(filter_backends=[])()

    assert list(view.filter_queryset(Category.objects.all())) == [row]


def create_and_ask(self: Any, request: Any) -> Response:
    """Create a row, and ask another view with the same HttpRequest."""
    other = make_view(queryset=Category.objects.none())
    serializer = self.get_serializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    serializer.save()
    request._request.method = "GET"
    missing = other.as_view({"get": "retrieve"})(request._request, pk=1)
    return Response({**serializer.data, "asked": missing.status_code}, status=201)


def test_another_view_is_no_part_of_the_operation(api: APIClient, serve: Serve) -> None:
    """Its 404 undoes nothing."""
    serve(make_view(create=create_and_ask))

    response = api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])

    assert get_statuses(response) == [201, 201]
    assert [each["data"]["asked"] for each in response.json()["results"]] == [404, 404]
    assert get_names() == ["a", "b"]


def create_and_warn(self: Any, request: Any) -> Response:
    """Create a row, and word a warning as errors are worded."""
    serializer = self.get_serializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    serializer.save()
    warning = self.handle_exception(serializers.ValidationError("No picture."))
    return Response({**serializer.data, "warning": warning.data}, status=201)


@pytest.mark.parametrize("names", ["a", "ab"])
def test_a_success_that_was_undone_is_none(
    api: APIClient, serve: Serve, names: str
) -> None:
    serve(make_view(create=create_and_warn))

    response = api.post("/things/bulk/", [{"name": name} for name in names])

    assert get_statuses(response) == [500] * len(names)
    assert {*get_details(response)} == {
        "What it did was undone when handle_exception() was called, so it cannot be a "
        "success; let the exception through, or word it without that."
    }
    assert get_names() == []


def test_a_success_of_which_nothing_was_undone(api: APIClient, serve: Serve) -> None:
    serve(make_view(create=create_and_warn, bulk_commit_every=1))

    response = api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])

    assert get_statuses(response) == [201, 201]
    assert get_names() == ["a", "b"]
