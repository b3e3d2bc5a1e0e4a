"""How often sets call what is the project's, and for which operation."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.test import APIClient

from tests.answers import op
from tests.conftest import Serve
from tests.factories import ProductFactory
from tests.shop.models import Category, Event, Product
from tests.strategies.comparing import TRACE, make_categories, make_view, run

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_hook_that_asks_the_database_is_called_once(
    api: APIClient, serve: Serve
) -> None:
    """Also where that is found out only while it runs."""

    def perform_create(self: Any, serializer: Any) -> None:
        TRACE.append(serializer.validated_data["text"])
        serializer.save(
            text=f"{serializer.validated_data['text']}{Event.objects.count()}"
        )

    serve(make_view(Event, ["id", "text"], perform_create=perform_create))
    data = [op("POST", data={"text": text}) for text in "ab"]
    (_, singly), (_, sets) = run(api, lambda: None, *data)
    assert sets == singly


def test_a_hook_that_saves_something_unknown_is_called_once(
    api: APIClient, serve: Serve
) -> None:
    """Whatever `save()` then makes of it."""

    def perform_create(self: Any, serializer: Any) -> None:
        TRACE.append(serializer.validated_data["text"])
        serializer.save(nothing=1)

    serve(make_view(Event, ["id", "text"], perform_create=perform_create))
    data = [op("POST", data={"text": text}) for text in "ab"]
    (_, singly), (_, sets) = run(api, lambda: None, *data)
    assert sets == singly


@pytest.mark.parametrize("first", ["", "A"])
def test_no_hook_is_called_after_the_failure_of_an_atomic_request(
    api: APIClient, serve: Serve, first: str
) -> None:
    """Of what is a 424 nothing happened."""

    def perform_create(self: Any, serializer: Any) -> None:
        TRACE.append(serializer.validated_data["name"])
        serializer.save(name=serializer.validated_data["name"].upper())

    serve(make_view(Category, ["id", "name"], perform_create=perform_create))
    (_, singly), (_, sets) = run(
        api,
        make_categories,
        op("POST", data={"name": first and first.lower()}),
        op("POST", data={"name": "later"}),
        query="?atomic=true",
    )
    assert sets == singly


def handle(exc: Exception, context: dict[str, Any]) -> Response:
    """Say which resource it was, as a project may."""
    view, request = context["view"], context["request"]
    TRACE.append((view.kwargs.get("pk"), request.data))
    return Response({"detail": "no"}, status=422)


def test_the_handler_of_exceptions_gets_the_operation_that_failed(
    api: APIClient, serve: Serve
) -> None:
    """Not the first of the batch."""
    serve(
        make_view(
            Product, ["id", "name", "price"],
            price=serializers.DecimalField(max_digits=8, decimal_places=2),
            get_exception_handler=lambda self: handle,
        )
    )  # fmt: skip

    def make() -> None:
        ProductFactory(pk=1)
        ProductFactory(pk=2)

    (_, singly), (_, sets) = run(
        api, make, op("PATCH", "1", {"name": "x"}), op("PATCH", "2", {"price": -1})
    )
    assert sets == singly


class Watching(BasePermission):
    """Notes what object permissions see."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Permit."""
        TRACE.append((view.kwargs["pk"], request.data))
        return True


def test_an_object_permission_gets_the_operation_that_it_is_for(
    api: APIClient, serve: Serve
) -> None:
    """Not the first of the batch."""
    view = make_view(Category, ["id", "name"], permission_classes=[Watching])
    serve(view)
    (_, singly), (_, sets) = run(
        api,
        make_categories,
        op("PATCH", "1", {"name": "x"}),
        op("PATCH", "2", {"name": "y"}),
    )
    assert sets == singly
