"""What a library's module starts from: the model, the serializer and the viewset of a
project.
"""

from __future__ import annotations

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from rest_framework import serializers

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.viewsets import BulkModelViewSet


class Place(models.Model):
    """A city, but for what the library adds."""

    name = models.CharField(max_length=40, unique=True)
    population = models.IntegerField(default=0, validators=[MinValueValidator(0)])

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


def make_serializer(
    model: Any, *fields: str, base: Any = serializers.ModelSerializer, **more: Any
) -> Any:
    """Make a serializer of a model; `fields` come after the usual ones."""
    meta = type(
        "Meta", (), {"model": model, "fields": ["id", "name", "population", *fields]}
    )
    return type("CitySerializer", (base,), {"Meta": meta, **more})


def make_viewset(
    model: Any, serializer: Any = None, *bases: Any, base: Any = None, **more: Any
) -> Any:
    """Make a viewset of a model; `bases` come before ours, or `base` instead of it."""
    own = (BulkModelViewSet,) if base is None else (BulkModelMixin, base)
    attributes = {
        "queryset": model._default_manager.order_by("pk"),
        "serializer_class": serializer or make_serializer(model),
        "__module__": model.__module__,
    }
    return type("CityViewSet", (*bases, *own), attributes | more)
