"""The same batch one by one and in sets."""

from __future__ import annotations

from typing import Any

from django.test import override_settings
from rest_framework import serializers
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results
from tests.factories import CategoryFactory
from tests.parity.models import Place, Shelf
from tests.shop.models import Category, Event, Product

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
