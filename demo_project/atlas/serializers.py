"""How countries and cities look on the wire."""

from __future__ import annotations

from rest_framework import serializers

from demo_project.atlas.models import City, Country


class CountrySerializer(serializers.ModelSerializer):
    """A country, named by its code."""

    class Meta:
        model = Country
        fields = ("code", "geonameid", "name", "continent", "capital", "population")


class CitySerializer(serializers.ModelSerializer):
    """A city, its country given by code."""

    country = serializers.SlugRelatedField(
        slug_field="code", queryset=Country.objects.all()
    )

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
