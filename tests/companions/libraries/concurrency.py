"""A version of each row, which a change must name."""

from __future__ import annotations

from concurrency.exceptions import RecordModifiedError
from concurrency.fields import AutoIncVersionField
from rest_framework import serializers

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-concurrency",)
APPS = ("concurrency",)
SETTINGS = {"CONCURRENCY_MANUAL_TRIGGERS": True}


class City(Place):
    version = AutoIncVersionField()


def _update(self, instance, validated_data):
    version = validated_data.get("version", instance.version)
    if version != instance.version:
        raise serializers.ValidationError({"version": "It has changed."})
    try:
        return serializers.ModelSerializer.update(self, instance, validated_data)
    except RecordModifiedError as exc:
        raise serializers.ValidationError({"version": "It has changed."}) from exc


CitySerializer = make_serializer(City, "version", update=_update)
