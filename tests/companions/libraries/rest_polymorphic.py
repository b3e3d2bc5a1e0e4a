"""A serializer for each type of a polymorphic model, told by a member."""

from __future__ import annotations

from django.db import models
from polymorphic.models import PolymorphicModel
from rest_polymorphic.serializers import PolymorphicSerializer

from tests.companions.places import Place, make_serializer, make_viewset

PACKAGES = ("django-rest-polymorphic", "django-polymorphic")
APPS = ("polymorphic",)


class Settlement(PolymorphicModel, Place):
    pass


class City(Settlement):
    trams = models.BooleanField(default=False)


class Village(Settlement):
    cows = models.IntegerField(default=0)


class SettlementSerializer(PolymorphicSerializer):
    model_serializer_mapping = {
        City: make_serializer(City, "trams"),
        Village: make_serializer(Village, "cows"),
    }


CityViewSet = make_viewset(Settlement, SettlementSerializer)
bad = (
    {"name": "Bad", "population": 1},
    {"resourcetype": "Moon", "name": "Bad"},
    {"resourcetype": "City", "name": ""},
    {"resourcetype": "Village", "name": "Bad", "cows": "many"},
)


def make(number: int) -> dict[str, object]:
    made = {"name": f"City {number}", "population": number}
    if number % 2:
        return made | {"resourcetype": "City", "trams": True}
    return made | {"resourcetype": "Village", "cows": number}


def change(number: int) -> dict[str, object]:
    kind = "City" if number % 2 else "Village"
    return {"resourcetype": kind, "population": number}
