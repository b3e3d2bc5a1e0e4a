"""Nested rows that are made, changed and deleted with their parent."""

from __future__ import annotations

from django.db import models
from drf_writable_nested.serializers import WritableNestedModelSerializer
from rest_framework import serializers

from tests.companions.places import Place, make_serializer

PACKAGES = ("drf-writable-nested",)
FILLS = ("companions_street",)


class City(Place):
    pass


class Street(models.Model):
    city = models.ForeignKey(City, models.CASCADE, related_name="streets")
    name = models.CharField(max_length=20)


class StreetSerializer(serializers.ModelSerializer):
    class Meta:
        model = Street
        fields = ["id", "name"]


CitySerializer = make_serializer(
    City,
    "streets",
    base=WritableNestedModelSerializer,
    streets=StreetSerializer(many=True, required=False),
)
bad = ({"name": ""}, {"name": "Bad", "streets": [{"name": ""}]}, {"streets": 1})


def make(number: int) -> dict[str, object]:
    streets = [{"name": f"Street {number}"}, {"name": "Main Street"}]
    return {"name": f"City {number}", "streets": streets}


def change(number: int) -> dict[str, object]:
    return {"streets": [{"name": f"New {number}"}]}
