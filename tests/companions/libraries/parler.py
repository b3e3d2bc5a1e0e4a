"""Translations in a table of their own, and in the cache."""

from __future__ import annotations

from django.core.cache import cache
from django.db import models
from django.dispatch import receiver
from parler.cache import get_translation_cache_key
from parler.models import TranslatableModel, TranslatedFields
from rest_framework import serializers

from multistatus_app.signals import undone
from tests.companions.places import Place, make_serializer

PACKAGES = ("django-parler",)
APPS = ("parler",)
FILLS = ("companions_city_translation",)
SETTINGS = {"LANGUAGE_CODE": "en", "LANGUAGES": [("en", "English")]}
LINE = "a receiver of `undone` that lets go of what the cache has of the instances"
BETTER = {
    "late/[cl]*": "Singly, with `ATOMIC_REQUESTS`, the cache keeps what a refused "
    "request wrote, and no signal tells it."
}


class City(TranslatableModel, Place):
    translations = TranslatedFields(title=models.CharField(max_length=20, default=""))


CitySerializer = make_serializer(
    City, "title", title=serializers.CharField(max_length=20)
)


@receiver(undone)
def forget(sender, instances, **kwargs) -> None:
    model = City.translations.field.model
    cache.delete_many(
        get_translation_cache_key(model, each.pk, language)
        for each in instances
        if isinstance(each, City)
        for language in each.get_available_languages(include_unsaved=True)
    )


def make(number: int) -> dict[str, object]:
    return {"name": f"City {number}", "population": number, "title": f"Title {number}"}


def change(number: int) -> dict[str, object]:
    return {"title": f"Changed {number}"}
