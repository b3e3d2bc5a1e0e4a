"""Countries and cities, with the rules that their database holds them to."""

from __future__ import annotations

from django.core.validators import (
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
)
from django.db import models


class Continent(models.TextChoices):
    """GeoNames' codes of the continents."""

    AFRICA = "AF", "Africa"
    ANTARCTICA = "AN", "Antarctica"
    ASIA = "AS", "Asia"
    EUROPE = "EU", "Europe"
    NORTH_AMERICA = "NA", "North America"
    OCEANIA = "OC", "Oceania"
    SOUTH_AMERICA = "SA", "South America"


class Country(models.Model):
    """A country or territory that has an ISO 3166 code."""

    code = models.CharField(
        max_length=2,
        unique=True,
        validators=[RegexValidator(r"\A[A-Z]{2}\Z", "Give two capital letters.")],
        help_text="ISO 3166-1 alpha-2.",
    )
    geonameid = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=100, unique=True)
    continent = models.CharField(max_length=2, choices=Continent)
    capital = models.CharField(max_length=100, blank=True)
    population = models.PositiveIntegerField()

    class Meta:
        ordering = ("code",)
        verbose_name_plural = "countries"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(continent__in=Continent.values),
                name="country_continent_known",
            ),
        )

    def __str__(self) -> str:
        return self.name


class City(models.Model):
    """A place where people live, in a country and, mostly, a region of it."""

    geonameid = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=100)
    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="cities"
    )
    region = models.CharField(
        max_length=20,
        blank=True,
        default="",
        help_text="GeoNames' code of the region.",
    )
    latitude = models.DecimalField(
        max_digits=7,
        decimal_places=5,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        max_digits=8,
        decimal_places=5,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    population = models.PositiveIntegerField()

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "cities"
        constraints = (
            models.UniqueConstraint(
                fields=("country", "region", "name"), name="city_name_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__range=(-90, 90)),
                name="city_latitude_on_earth",
            ),
            models.CheckConstraint(
                condition=models.Q(longitude__range=(-180, 180)),
                name="city_longitude_on_earth",
            ),
            # Serializers do not know of check constraints: the database refuses.
            models.CheckConstraint(
                condition=models.Q(population__gt=0), name="city_inhabited"
            ),
        )

    def __str__(self) -> str:
        return self.name
