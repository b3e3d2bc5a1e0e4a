"""The admin of countries and cities."""

from __future__ import annotations

from django.contrib import admin

from demo_project.atlas.models import City, Country


@admin.register(Country)
class CountryAdmin(admin.ModelAdmin):
    """Countries, found by name, code or capital."""

    list_display = ("name", "code", "continent", "capital", "population")
    list_filter = ("continent",)
    search_fields = ("name", "=code", "capital")


@admin.register(City)
class CityAdmin(admin.ModelAdmin):
    """Cities, found by name."""

    list_display = ("name", "country", "region", "population")
    list_filter = ("country__continent",)
    list_select_related = ("country",)
    autocomplete_fields = ("country",)
    search_fields = ("name",)
