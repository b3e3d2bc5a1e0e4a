"""A column for each language."""

from __future__ import annotations

from django.db import models

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-modeltranslation",)
APPS = ("modeltranslation",)
SETTINGS = {
    "LANGUAGE_CODE": "en",
    "LANGUAGES": [("en", "English"), ("fi", "Finnish")],
    "MODELTRANSLATION_TRANSLATION_FILES": ["tests.companions.libraries._translation"],
}


class City(Place):
    title = models.CharField(max_length=40, default="", blank=True)


CitySerializer = make_serializer(City, "title", "title_en", "title_fi")


def make(number: int) -> dict[str, object]:
    return {"name": f"City {number}", "title": f"T {number}", "title_fi": "Suomi"}


def change(number: int) -> dict[str, object]:
    return {"title": f"Changed {number}"}
