"""Telephone numbers, which are written in one way whatever they come in."""

from __future__ import annotations

from phonenumber_field.modelfields import PhoneNumberField

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-phonenumber-field", "phonenumberslite")
APPS = ("phonenumber_field",)
SETTINGS = {"PHONENUMBER_DEFAULT_REGION": "FI"}


class City(Place):
    phone = PhoneNumberField(blank=True)


CitySerializer = make_serializer(City, "phone")
bad = ({"name": ""}, {"name": "Bad", "phone": "12"}, {"name": "Bad", "phone": "x"})


def make(number: int) -> dict[str, object]:
    return {"name": f"City {number}", "phone": f"040 1234{number:04}"}


def change(number: int) -> dict[str, object]:
    return {"phone": f"+358 50 1234{number:04}"}
