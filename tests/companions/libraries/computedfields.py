"""Columns that are computed from other rows, on each save."""

from __future__ import annotations

from computedfields.models import ComputedFieldsModel, computed
from django.db import models

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-computedfields",)
APPS = ("computedfields",)


class Country(ComputedFieldsModel):
    name = models.CharField(max_length=20)

    @computed(models.IntegerField(default=0), depends=[("cities", ["population"])])
    def population(self):
        return sum(each.population for each in self.cities.all()) if self.pk else 0


class City(ComputedFieldsModel, Place):
    country = models.ForeignKey(
        Country, models.CASCADE, related_name="cities", default=1
    )

    @computed(
        models.CharField(max_length=80, default=""),
        depends=[("self", ["name"]), ("country", ["name"])],
    )
    def title(self):
        return f"{self.name}, {self.country.name}"


CitySerializer = make_serializer(City, "country", "title")


def clean() -> None:
    Country.objects.create(name="Finland")
    Country.objects.create(name="Sweden")


def change(number: int) -> dict[str, object]:
    return {"population": number, "country": number % 2 + 1}
