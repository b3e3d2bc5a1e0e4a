"""A field of countries, by code and by name."""

from __future__ import annotations

from django_countries.fields import CountryField
from django_countries.serializers import CountryFieldMixin
from rest_framework.serializers import ModelSerializer

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-countries",)
APPS = ("django_countries",)


class City(Place):
    country = CountryField(blank_label="(which?)")
    others = CountryField(multiple=True, blank=True)


class _Serializer(CountryFieldMixin, ModelSerializer):
    pass


CitySerializer = make_serializer(City, "country", "others", base=_Serializer)
bad = ({"name": ""}, {"name": "Bad", "country": "XX"}, {"name": "Bad"})


def make(number: int) -> dict[str, object]:
    return {"name": f"City {number}", "country": "FI", "others": ["SE", "NO"]}


def change(number: int) -> dict[str, object]:
    return {"country": ("SE", "NO")[number % 2]}
