"""The tables of countries and cities."""

from __future__ import annotations

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Country",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        help_text="ISO 3166-1 alpha-2.",
                        max_length=2,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Z]{2}\\Z", "Give two capital letters."
                            )
                        ],
                    ),
                ),
                ("geonameid", models.PositiveIntegerField(unique=True)),
                ("name", models.CharField(max_length=100, unique=True)),
                (
                    "continent",
                    models.CharField(
                        choices=[
                            ("AF", "Africa"),
                            ("AN", "Antarctica"),
                            ("AS", "Asia"),
                            ("EU", "Europe"),
                            ("NA", "North America"),
                            ("OC", "Oceania"),
                            ("SA", "South America"),
                        ],
                        max_length=2,
                    ),
                ),
                ("capital", models.CharField(blank=True, max_length=100)),
                ("population", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name_plural": "countries",
                "ordering": ("code",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "continent__in",
                                ["AF", "AN", "AS", "EU", "NA", "OC", "SA"],
                            )
                        ),
                        name="country_continent_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="City",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("geonameid", models.PositiveIntegerField(unique=True)),
                ("name", models.CharField(max_length=100)),
                (
                    "region",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="GeoNames' code of the region.",
                        max_length=20,
                    ),
                ),
                (
                    "latitude",
                    models.DecimalField(
                        decimal_places=5,
                        max_digits=7,
                        validators=[
                            django.core.validators.MinValueValidator(-90),
                            django.core.validators.MaxValueValidator(90),
                        ],
                    ),
                ),
                (
                    "longitude",
                    models.DecimalField(
                        decimal_places=5,
                        max_digits=8,
                        validators=[
                            django.core.validators.MinValueValidator(-180),
                            django.core.validators.MaxValueValidator(180),
                        ],
                    ),
                ),
                ("population", models.PositiveIntegerField()),
                (
                    "country",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cities",
                        to="atlas.country",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "cities",
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("country", "region", "name"), name="city_name_unique"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("latitude__range", (-90, 90))),
                        name="city_latitude_on_earth",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("longitude__range", (-180, 180))),
                        name="city_longitude_on_earth",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("population__gt", 0)), name="city_inhabited"
                    ),
                ],
            },
        ),
    ]
