"""Rows take the next place on their first save, and close the gap when they go."""

from __future__ import annotations

from ordered_model.models import OrderedModel

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-ordered-model",)
APPS = ("ordered_model",)


class City(OrderedModel, Place):
    pass


CitySerializer = make_serializer(City, "order")
