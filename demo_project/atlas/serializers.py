"""How countries and cities look on the wire."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from demo_project.atlas.models import City, Country


@extend_schema_field({"type": "string", "example": "FI"})
class CountryCodeField(serializers.SlugRelatedField):
    """A country by its code, in the OpenAPI document with one that is there."""


class CountrySerializer(serializers.ModelSerializer):
    """A country, named by its code."""

    class Meta:
        model = Country
        fields = ("code", "geonameid", "name", "continent", "capital", "population")


class CitySerializer(serializers.ModelSerializer):
    """A city, its country given by code."""

    country = CountryCodeField("code", queryset=Country.objects.all())

    class Meta:
        model = City
        fields = (
            "id",
            "geonameid",
            "name",
            "country",
            "region",
            "latitude",
            "longitude",
            "population",
        )
