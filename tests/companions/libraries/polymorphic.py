"""A model that inherits from a polymorphic one, and is read through it."""

from __future__ import annotations

from django.db import models
from polymorphic.models import PolymorphicModel

from tests.companions.places import Place, make_serializer, make_viewset

PACKAGES = ("django-polymorphic",)
APPS = ("polymorphic",)


class Settlement(PolymorphicModel, Place):
    pass


class City(Settlement):
    trams = models.BooleanField(default=False)


def get_viewset() -> object:
    queryset = Settlement.objects.order_by("pk")
    return make_viewset(City, make_serializer(City, "trams"), queryset=queryset)
