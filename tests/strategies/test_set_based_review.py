"""Batches of which sets make something else than the same operations one by one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory
from tests.parity.models import Place, Shelf
from tests.shop.models import Category, Event, Product

pytestmark = pytest.mark.django_db(transaction=True)

TRACE: list[Any] = []


def run(
    api: APIClient, make: Any, *operations: Any, query: str = ""
) -> tuple[Any, Any]:
    """Return what a batch is answered, and what hooks saw, singly and in sets."""
    answers = []
    for smallest in (None, 1):
        for model in (Product, Category, Event, Place, Shelf):
            model.objects.all().delete()
        make()
        TRACE.clear()
        with override_settings(MULTISTATUS={"MIN_SET_SIZE": smallest}):
            response = api.post(f"/things/batch/{query}", batch(*operations))
        answers.append(([_strip(each) for each in get_results(response)], [*TRACE]))
    return answers[0], answers[1]


def _strip(result: dict[str, Any]) -> Any:
    return result["status"], result.get("data")


def make_view(model: Any, names: list[str], **attributes: Any) -> Any:
    """Return a viewset with a stock serializer of these fields."""
    fields = {
        name: attributes.pop(name)
        for name in list(attributes)
        if isinstance(attributes[name], serializers.Field)
    }
    meta = type("Meta", (), {"model": model, "fields": names})
    bases = (serializers.ModelSerializer,)
    members = {"__module__": __name__, "Meta": meta, **fields}
    cls = type("ThingSerializer", bases, members)
    return type(
        "ThingViewSet",
        (BulkModelViewSet,),
        {
            "__module__": __name__,
            "queryset": model.objects.all(),
            "serializer_class": cls,
            **attributes,
        },
    )


def make_categories() -> None:
    """Make two categories of their own, a and b."""
    CategoryFactory(pk=1, name="A")
    CategoryFactory(pk=2, name="B")


def make_family() -> None:
    """Make a parent and its child."""
    parent = CategoryFactory(pk=1, name="A")
    CategoryFactory(pk=2, name="B", parent=parent)


def test_a_foreign_key_shown_by_its_attname(api: APIClient, serve: Serve) -> None:
    """`fields = ["category_id"]` is what DRF allows, and shows as it is."""
    serve(make_view(Product, ["id", "name", "category_id"]))

    def make() -> None:
        ProductFactory(pk=1, category=CategoryFactory(pk=1))
        ProductFactory(pk=2, category_id=1)

    singly, sets = run(
        api, make, op("PATCH", "1", {"name": "x"}), op("PATCH", "2", {"name": "y"})
    )
    assert sets == singly


def test_a_unique_value_of_a_hook_that_is_freed_later(
    api: APIClient, serve: Serve
) -> None:
    """What was refused must not be tried again after a later one made room."""

    def perform_update(self: Any, serializer: Any) -> None:
        serializer.save(name=serializer.validated_data["name"].upper())

    serve(make_view(Category, ["id", "name"], perform_update=perform_update))
    singly, sets = run(
        api,
        make_categories,
        op("PATCH", "1", {"name": "b"}),
        op("PATCH", "2", {"name": "c"}),
    )
    assert sets == singly


def test_a_condition_of_a_unique_constraint_that_ends_later(
    api: APIClient, serve: Serve
) -> None:
    """What the condition reads frees a value, too."""
    serve(make_view(Place, ["id", "shelf", "position"]))

    def make() -> None:
        Place.objects.create(pk=1, position=5)
        Place.objects.create(pk=2, position=0)

    singly, sets = run(
        api, make, op("PATCH", "2", {"position": 7}), op("PATCH", "1", {"position": 1})
    )
    assert sets == singly


def test_a_unique_foreign_key_written_by_its_attname(
    api: APIClient, serve: Serve
) -> None:
    """`shelf_id` is `shelf` to a constraint."""
    field = serializers.IntegerField(write_only=True)
    serve(make_view(Place, ["id", "shelf_id"], shelf_id=field))

    def make() -> None:
        for pk in (1, 2, 3):
            Shelf.objects.create(pk=pk, name=str(pk))
        Place.objects.create(pk=1, position=1, shelf_id=1)
        Place.objects.create(pk=2, position=1, shelf_id=2)

    singly, sets = run(
        api, make, op("PATCH", "1", {"shelf_id": 2}), op("PATCH", "2", {"shelf_id": 3})
    )
    assert sets == singly


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


def test_a_hook_sees_what_earlier_operations_changed_in_a_related_row(
    api: APIClient, serve: Serve
) -> None:
    """The row that a relation found is as it was before the batch."""

    def perform_update(self: Any, serializer: Any) -> None:
        values = serializer.validated_data
        serializer.save(name=f"{values['parent'].name}/{values['name']}")

    view = make_view(Category, ["id", "name", "parent"], perform_update=perform_update)
    serve(view)
    singly, sets = run(
        api,
        make_categories,
        op("PUT", "1", {"name": "x", "parent": 2}),
        op("PUT", "2", {"name": "y", "parent": 1}),
    )
    assert sets == singly


def test_a_nested_row_of_the_same_table(api: APIClient, serve: Serve) -> None:
    """It is shown as it was then, not as later operations left it."""
    meta = type(
        "Meta", (), {"model": Category, "fields": ["id", "name", "parent"], "depth": 1}
    )
    cls = type(
        "NestedSerializer",
        (serializers.ModelSerializer,),
        {"__module__": __name__, "Meta": meta},
    )
    view = make_view(Category, ["id"], serializer_class=cls, bulk_replayable=True)
    serve(view)
    singly, sets = run(
        api,
        make_family,
        op("PATCH", "2", {"name": "child"}),
        op("PATCH", "1", {"name": "parent"}),
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

    bulk_safe = True

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
