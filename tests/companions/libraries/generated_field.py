"""Django's own GeneratedField: the database computes a column."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Upper

from tests.companions.places import Place, make_serializer

PACKAGES = ("django",)


class City(Place):
    loud = models.GeneratedField(
        expression=Upper("name"),
        output_field=models.CharField(max_length=40),
        db_persist=True,
    )
    double = models.GeneratedField(
        expression=models.F("population") * 2,
        output_field=models.IntegerField(),
        db_persist=True,
    )


CitySerializer = make_serializer(City, "loud", "double")
