"""What django-modeltranslation imports to learn of translations."""

from __future__ import annotations

from modeltranslation.translator import TranslationOptions, register

from tests.companions.libraries.modeltranslation import City


@register(City)
class CityOptions(TranslationOptions):
    fields = ("title",)
