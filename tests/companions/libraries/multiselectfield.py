"""Several choices in a column."""

from __future__ import annotations

from multiselectfield import MultiSelectField
from rest_framework import serializers

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-multiselectfield",)
APPS = ("multiselectfield",)


class City(Place):
    traffic = MultiSelectField(
        choices=[("tram", "Tram"), ("bus", "Bus"), ("boat", "Boat")], max_length=20
    )


CitySerializer = make_serializer(
    City,
    "traffic",
    traffic=serializers.MultipleChoiceField(choices=["tram", "bus", "boat"]),
)
# A set has no order, so one at a time.
bad = ({"name": ""}, {"name": "Bad", "traffic": ["ship"]}, {"traffic": "tram"})


def make(number: int) -> dict[str, object]:
    return {"name": f"City {number}", "traffic": ["tram"]}


def change(number: int) -> dict[str, object]:
    return {"traffic": ["boat"]}
