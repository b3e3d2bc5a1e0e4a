"""Columns that are encrypted at rest."""

from __future__ import annotations

from encrypted_model_fields.fields import EncryptedCharField

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-encrypted-model-fields",)
APPS = ("encrypted_model_fields",)
SETTINGS = {"FIELD_ENCRYPTION_KEY": "LuNNl7ChMNaqlqmQLqvkFyyVvwdcHzL3bQ1CkbFQXMM="}
VOLATILE = ("companions_city.mayor",)


class City(Place):
    mayor = EncryptedCharField(max_length=40, default="Ann")


CitySerializer = make_serializer(City, "mayor")


def change(number: int) -> dict[str, object]:
    return {"mayor": f"Ben {number}"}
