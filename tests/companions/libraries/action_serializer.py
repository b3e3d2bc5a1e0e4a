"""A serializer whose fields hang on the action."""

from __future__ import annotations

from action_serializer import ModelActionSerializer

from tests.companions.places import Place

PACKAGES = ("drf-action-serializer",)


class City(Place):
    pass


class CitySerializer(ModelActionSerializer):
    class Meta:
        model = City
        fields = ["id", "name", "population"]
        action_fields = {"partial_update": {"fields": ["id", "population"]}}
