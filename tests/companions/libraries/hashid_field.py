"""Keys that are shown as hashes."""

from __future__ import annotations

from hashid_field import HashidAutoField
from hashid_field.rest import HashidSerializerCharField

from tests.companions.places import Place, make_serializer, make_viewset

PACKAGES = ("django-hashid-field",)
SETTINGS = {"HASHID_FIELD_SALT": "salt", "HASHID_FIELD_ALLOW_INT_LOOKUP": True}


class City(Place):
    id = HashidAutoField(primary_key=True)


def get_viewset() -> object:
    key = HashidSerializerCharField(source_field="companions.City.id", read_only=True)
    return make_viewset(City, make_serializer(City, id=key))


def make_key(number: int) -> str:
    return str(City._meta.pk.get_hashid(number))
