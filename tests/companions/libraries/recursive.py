"""A serializer that nests in itself."""

from __future__ import annotations

from django.db import models
from rest_framework import serializers
from rest_framework_recursive.fields import RecursiveField

from tests.companions.places import Place, make_serializer

PACKAGES = ("djangorestframework-recursive",)


class City(Place):
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, related_name="children"
    )


def _create(self, validated_data):
    children = validated_data.pop("children", [])
    city = City.objects.create(**validated_data)
    for child in children:
        self.create(child | {"parent": city})
    return city


def _update(self, instance, validated_data):
    validated_data.pop("children", None)
    return serializers.ModelSerializer.update(self, instance, validated_data)


CitySerializer = make_serializer(
    City,
    "children",
    children=RecursiveField(many=True, required=False),
    create=_create,
    update=_update,
)
bad = ({"name": ""}, {"name": "Bad", "children": [{"name": ""}]}, {"children": 1})


def make(number: int) -> dict[str, object]:
    made = {"name": f"City {number}", "population": number}
    if not 10 < number < 20:
        return made
    return made | {"children": [{"name": f"Suburb of {number}"}]}
