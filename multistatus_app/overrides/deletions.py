"""Rows that are deleted with a row."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from django.db import models
from django.db.models import Model

# The `on_delete` of referring rows that sets support. Rows that prevent a deletion are
# looked up beforehand.
HOLDING: Final = frozenset({models.PROTECT, models.RESTRICT, models.DO_NOTHING})
_KNOWN_DELETIONS: Final = HOLDING | {
    models.CASCADE,
    models.SET_NULL,
    models.SET_DEFAULT,
}


def get_deletion_reasons(model: type[Model]) -> Iterator[str]:
    for each in get_cascade(model):
        if model in _get_cascaded(each):
            yield f"deleting one {model._meta.label} may delete another"
        for relation in get_referring(each):
            if relation.on_delete not in _KNOWN_DELETIONS or (
                relation.on_delete in HOLDING and each is not model
            ):
                name = getattr(relation.on_delete, "__name__", "on_delete")
                label = relation.related_model._meta.label
                yield f"{name} of {label} has a say in what is deleted"


@cache
def get_cascade(model: type[Model]) -> tuple[type[Model], ...]:
    """Return the models whose rows are deleted with those of a model, itself first."""
    found: list[type[Model]] = [model]
    for each in found:
        found += [other for other in _get_cascaded(each) if other not in found]
    return tuple(dict.fromkeys(found))


def _get_cascaded(model: type[Model]) -> list[Any]:
    """Return the models whose rows are deleted with a row they refer to."""
    cascaded = [
        relation.related_model
        for relation in get_referring(model)
        if relation.on_delete not in _KNOWN_DELETIONS - {models.CASCADE}
    ]
    generic: list[Any] = [
        field.related_model
        for field in model._meta.private_fields
        if hasattr(field, "bulk_related_objects")  # the test of Django's Collector
    ]
    return cascaded + generic


def get_referring(model: type[Model]) -> list[Any]:
    """Return the relations by which other rows refer to those of a model."""
    return [
        relation
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created
        and not relation.concrete
        and (relation.one_to_one or relation.one_to_many)
    ]
