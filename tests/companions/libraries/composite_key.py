"""Django's own CompositePrimaryKey, and a field beside it to look rows up by."""

from __future__ import annotations

from django.db import models
from rest_framework import serializers

from tests.companions.places import make_viewset

PACKAGES = ("django",)
KEY_NAME = "code"


class City(models.Model):
    pk = models.CompositePrimaryKey("country", "number")
    country = models.CharField(max_length=2)
    number = models.IntegerField()
    code = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=40, default="")
    population = models.IntegerField(default=0)


class CitySerializer(serializers.ModelSerializer):
    class Meta:
        model = City
        fields = ["country", "number", "code", "name", "population"]
        read_only_fields = ["number"]

    def create(self, validated_data):
        number = int(validated_data["code"][1:])
        return super().create(validated_data | {"number": number})


CityViewSet = make_viewset(City, CitySerializer, lookup_field="code")
bad = ({"country": "FI"}, {"country": "FIN", "code": "c77"}, {"population": "many"})


def make(number: int) -> dict[str, object]:
    return {
        "country": "FI",
        "code": make_key(number),
        "name": f"City {number}",
    }


def make_key(number: int) -> str:
    return f"c{number}"
