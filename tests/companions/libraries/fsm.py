"""A state that only transitions change, which the serializer calls."""

from __future__ import annotations

from django_fsm import FSMField, TransitionNotAllowed, transition
from rest_framework import serializers

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-fsm-2",)
APPS = ("django_fsm",)


class City(Place):
    state = FSMField(default="planned", protected=True)

    @transition(state, source="planned", target="built")
    def build(self):
        self.population += 1


def _update(self, instance, validated_data):
    if validated_data.pop("build", False):
        try:
            instance.build()
        except TransitionNotAllowed as exc:
            raise serializers.ValidationError({"build": str(exc)}) from exc
    for name, value in validated_data.items():
        setattr(instance, name, value)
    instance.save()
    return instance


CitySerializer = make_serializer(
    City,
    "state",
    "build",
    state=serializers.CharField(read_only=True),
    build=serializers.BooleanField(write_only=True, required=False),
    update=_update,
)


def change(number: int) -> dict[str, object]:
    return {"build": True}
