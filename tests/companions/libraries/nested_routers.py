"""Cities of a country, below its path."""

from __future__ import annotations

from django.db import models
from rest_framework.viewsets import ModelViewSet
from rest_framework_nested.routers import NestedSimpleRouter, SimpleRouter
from rest_framework_nested.viewsets import NestedViewSetMixin

from tests.companions.places import Place, make_serializer, make_viewset

PACKAGES = ("drf-nested-routers",)
PATH = "/countries/1/cities/"


class Country(models.Model):
    name = models.CharField(max_length=20)


class City(Place):
    country = models.ForeignKey(Country, models.CASCADE)


CitySerializer = make_serializer(City, parent_lookup_kwargs={"country_pk": "country"})


class _Below:
    def perform_create(self, serializer):
        serializer.save(country_id=self.kwargs["country_pk"])


CityViewSet = make_viewset(
    City,
    CitySerializer,
    _Below,
    NestedViewSetMixin,
    parent_lookup_kwargs={"country_pk": "country_id"},
)


class CountryViewSet(ModelViewSet):
    queryset = Country.objects.all()


countries = SimpleRouter()
countries.register("countries", CountryViewSet)
cities = NestedSimpleRouter(countries, "countries", lookup="country")
cities.register("cities", CityViewSet, basename="city")
urlpatterns = [*countries.urls, *cities.urls]


def clean() -> None:
    Country.objects.create(name="Finland")
