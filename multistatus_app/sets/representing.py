"""What a batch's serializer shows of rows, where no code of a project's own is run.

It is shown after all rows were written, so nothing here may look at another of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db.models import Model
from rest_framework import fields, relations
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer, Serializer

from multistatus_app.overrides.origins import is_drf
from multistatus_app.sets.columns import (
    get_column,
    get_relation,
    is_django,
    is_fetched_plainly,
    is_read_as_stored,
    is_read_plainly,
    share_rows,
)
from multistatus_app.sets.composites import is_pure
from multistatus_app.sets.origins import has_stock, is_inherited
from multistatus_app.sets.showing import Show, compose_show
from multistatus_app.sets.verdicts import SKIP

_SHOWING: Final = (
    "__getattr__",
    "__getattribute__",
    "_readable_fields",
    "context",
    "fields",
    "get_default",
    "root",
    "to_representation",
)
_TO_ONE: Final = (
    relations.HyperlinkedRelatedField,
    relations.PrimaryKeyRelatedField,
    relations.SlugRelatedField,
)


def compose(serializer: Serializer[Any]) -> Callable[[Any], dict[str, Any]] | None:
    """Return what a serializer's `to_representation` does, as a plain dict.

    None where code of a project's own, or another row, would take part in it: `explain`
    says which. An instance of another model is shown by the serializer itself.
    """
    if explain(serializer) is not None:
        return None
    explained: Any = serializer
    model: type[Model] = explained.Meta.model
    plan: list[tuple[str, Show]] = [
        (str(field.field_name), compose_show(field, model))
        for field in serializer._readable_fields
    ]

    def represent(instance: Any) -> dict[str, Any]:
        if type(instance) is not model:
            return dict(serializer.to_representation(instance))
        state = instance.__dict__
        result: dict[str, Any] = {}
        for name, show in plan:
            value = show(instance, state)
            if value is not SKIP:
                result[name] = value
        return result

    return represent


def explain(serializer: Any) -> str | None:
    """Return why rows cannot be shown without code of a project's own, in words.

    Takes a serializer, or a class of them.
    """
    if isinstance(serializer, type):
        serializer = serializer()
    name = type(serializer).__name__
    model = getattr(getattr(serializer, "Meta", None), "model", None)
    if not isinstance(serializer, Serializer) or model is None:
        return f"{name} is of no model"
    if not has_stock(serializer, _SHOWING):
        return f"{name} shows rows in its own way"
    if not is_read_as_stored(model):
        return f"{model.__name__} reads its attributes in its own way"
    for field in serializer._readable_fields:
        reason = _explain_field(field, model)
        if reason is not None:
            return f"field {field.field_name!r} {reason}"
    return None


def _explain_field(field: Any, model: type[Model]) -> str | None:
    if isinstance(field, BaseSerializer):
        return "is nested"
    if not is_inherited(field) or type(field) in (
        fields.ModelField,
        fields.SerializerMethodField,
    ):
        return "is computed by project code"
    if isinstance(field, relations.HyperlinkedRelatedField):
        reason = _explain_link(field)
        if reason is not None:
            return reason
    if type(field) is relations.HyperlinkedIdentityField:
        return _explain_column(model, field.lookup_field)
    if len(field.source_attrs) != 1:
        return f"is read through {field.source!r}"
    if type(field) is relations.ManyRelatedField:
        return _explain_many(field, model)
    if type(field) in _TO_ONE:
        return _explain_relation(field, model)
    if type(field) is not fields.ReadOnlyField and not is_pure(field):
        return "is computed by project code"
    return _explain_column(model, field.source)


def _explain_column(model: type[Model], name: str) -> str | None:
    """Return why an attribute is not simply what a column holds."""
    column = get_column(model, name)
    if column is None or (name == column.name and name != column.attname):
        return f"is no column of {model.__name__}"
    if not is_read_plainly(model, column):
        return "is read by project code"
    return None


def _explain_relation(field: Any, model: type[Model]) -> str | None:
    if field.use_pk_only_optimization():
        if getattr(field, "pk_field", None) and not is_pure(field.pk_field):
            return "is computed by project code"
        column = get_column(model, field.source)
        if column is None:
            return f"is no column of {model.__name__}"
        return _explain_column(model, column.attname)
    relation = get_relation(model, field.source)
    if relation is None or relation.many_to_many:
        return f"is no column of {model.__name__}"
    name = getattr(field, "slug_field", None) or field.lookup_field
    return _explain_related(relation, model, name)


def _explain_many(field: Any, model: type[Model]) -> str | None:
    child = field.child_relation
    relation = get_relation(model, field.source)
    if relation is None or not relation.many_to_many:
        return f"is no relation of {model.__name__}"
    if not is_inherited(child) or getattr(child, "pk_field", None):
        return "is computed by project code"
    if type(child) is relations.PrimaryKeyRelatedField:
        key = relation.related_model._meta.pk
        return _explain_related(relation, model, key.attname)
    if type(child) is relations.SlugRelatedField:
        return _explain_related(relation, model, child.slug_field)
    return "shows rows of another model"


def _explain_related(relation: Any, model: type[Model], name: str) -> str | None:
    """Return why a column of a related row is not simply what it holds."""
    related = relation.related_model
    if share_rows(model, related):
        return f"shows other rows of {model.__name__}"
    if not is_django(model, relation.name) or not is_fetched_plainly(related):
        return "is read by project code"
    return _explain_column(related, name)


def _explain_link(field: Any) -> str | None:
    """Return why a URL is not made by Django and DRF alone."""
    request = field.context.get("request")
    scheme = getattr(request, "versioning_scheme", None)
    if field.reverse is not reverse or not (scheme is None or is_drf(type(scheme))):
        return "is computed by project code"
    return None


__all__ = ["compose", "explain"]
