"""What is found out once about a serializer class and the model that it writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db import router
from django.db.models import Model, UniqueConstraint
from django.db.models.constants import LOOKUP_SEP
from django.db.models.manager import BaseManager
from rest_framework.relations import ManyRelatedField, PrimaryKeyRelatedField
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from multistatus_app.handlers.etags import EntityTags
from multistatus_app.handlers.serializers import is_cloneable, walk
from multistatus_app.overrides.serializers import (
    explain_field,
    get_serializer_reasons,
    is_reusable,
)
from multistatus_app.sets import accepting, representing
from multistatus_app.sets.knowledge import Knowledge
from multistatus_app.sets.lookups import explain_unknown
from multistatus_app.sets.rows import is_exact
from multistatus_app.sets.uniques import UniqueValues

# Where validators come from that look at nothing but the value.
_KNOWN_MODULES = ("django.", "rest_framework.", "multistatus_app.")


class Unsuitable(Exception):
    """What was found out while a request runs: its operations are run one by one."""


class Composed(NamedTuple):
    """What is found out once about a serializer class."""

    serializer: Any
    """An instance that is only looked at."""
    accept: Any
    represent: Any
    many: dict[str, Any]
    shown: list[str]
    unguarded: frozenset[str]
    """Fields with unique values that nobody looks up or can compare."""
    compared: tuple[tuple[Any, ...], ...]
    """The columns of unique values that nobody looks up, but that can be compared."""
    is_stock: bool
    """Whether no code of the project takes part in validation."""
    is_tagged: bool
    """Whether the entity tag may be that of the representation, by its columns."""

    def is_shown(self, data: dict[str, Any]) -> bool:
        """Whether a representation has the fields of the class, none added or taken."""
        return [*data] == [each.field_name for each in self.serializer._readable_fields]


def compose(
    cls: Any,
    view: GenericViewSet[Any],
    model: type[Model],
    knowledge: Knowledge,
    etags: EntityTags,
    method: str,
) -> Composed:
    """Look at a serializer class.

    Raises:
        Unsuitable: it does more than to validate, to save and to represent.
    """
    meta = getattr(cls, "Meta", None)
    if (
        getattr(meta, "model", None) is not model
        or get_serializer_reasons(cls, method)
        or not is_reusable(cls)
    ):
        raise Unsuitable("The serializer has a way of its own to save.")
    serializer = cls(context=view.get_serializer_context())
    if not is_cloneable(serializer):
        raise Unsuitable("The serializer cannot be used twice.")
    for field in (serializer, *walk(serializer)):
        for reason in explain_field(field.field_name or cls.__name__, field):
            raise Unsuitable(f"{reason}.")
    many = get_many_to_many(serializer, model)
    for reason in explain_unknown(serializer):
        raise Unsuitable(f"{reason[0].upper()}{reason[1:]}.")
    knowledge.lookups.attach(serializer)
    uniques = knowledge.lookups.get_uniques(model)
    unguarded, conditional = _get_unguarded(model, uniques)
    compared = _get_compared(model, unguarded - conditional)
    accept = accepting.compose(serializer, partial=method == "PATCH")
    return Composed(
        serializer=serializer,
        accept=accept,
        represent=representing.compose(serializer),
        many=many,
        shown=get_shown_relations(serializer, model),
        unguarded=frozenset().union(*unguarded - compared.keys()),
        compared=tuple(compared.values()),
        is_stock=accept is not None and _has_stock_validators(serializer),
        is_tagged=etags.is_representation(method, serializer),
    )


def _has_stock_validators(serializer: Any) -> bool:
    return all(
        _get_module(validator).startswith(_KNOWN_MODULES)
        for field in serializer.fields.values()
        for validator in field.validators
    )


def _get_module(validator: Any) -> str:
    named = validator if hasattr(validator, "__qualname__") else type(validator)
    return str(named.__module__)


_Names = set[frozenset[str]]


def _get_unguarded(
    model: Any, uniques: Iterable[UniqueValues]
) -> tuple[_Names, _Names]:
    """Return the unique sets of fields that nobody looks up, and those of some rows.

    In one statement the order of changes would be lost: a value may be taken that an
    earlier operation freed, but not one that a later one frees.
    """
    known = {frozenset(each.name for each in unique.columns) for unique in uniques}
    conditional: _Names = {
        frozenset([*each.fields, *_get_references(each.condition)])
        for each in model._meta.constraints
        if isinstance(each, UniqueConstraint)
        and (
            each.condition is not None or getattr(each, "nulls_distinct", True) is False
        )
    }
    return (_get_unique_sets(model) - known) | conditional, conditional


def _get_compared(
    model: Any, unguarded: _Names
) -> dict[frozenset[str], tuple[Any, ...]]:
    """Return the columns of those sets whose values Python compares as the database."""
    found = {}
    for names in unguarded:
        columns = tuple(map(model._meta.get_field, sorted(names)))
        if all(is_exact(each, router.db_for_write(model)) for each in columns):
            found[names] = columns
    return found


def _get_references(condition: Any) -> Iterator[str]:
    """Yield the fields that a condition looks at."""
    for child in getattr(condition, "children", ()):
        if isinstance(child, tuple):
            yield child[0].partition(LOOKUP_SEP)[0]
        else:
            yield from _get_references(child)


def _get_unique_sets(model: Any) -> set[frozenset[str]]:
    """Return the names of the fields that are unique, alone and together."""
    alone = {
        frozenset([each.name]) for each in model._meta.concrete_fields if each.unique
    }
    together = {frozenset(each) for each in model._meta.unique_together}
    constraints = {
        frozenset(each.fields)
        for each in model._meta.constraints
        if getattr(each, "fields", None)
    }
    return alone | together | constraints


def get_many_to_many(serializer: Serializer[Any], model: type[Model]) -> dict[str, Any]:
    """Return the many-to-many fields that a serializer writes, by name.

    Raises:
        Unsuitable: it writes something that no column and no such field holds.
    """
    found = {}
    for field in serializer.fields.values():
        if field.read_only:
            continue
        column = _get_field(model, field.source or "")
        if column is None:
            raise Unsuitable(f"{field.field_name} is written to no field of the model.")
        if column.many_to_many:
            if not _is_plain(column, model):
                raise Unsuitable(f"{field.field_name} is set through a model.")
            found[column.name] = column
    return found


def get_shown_relations(serializer: Serializer[Any], model: type[Model]) -> list[str]:
    """Return the relations whose rows a representation reads, but for keys alone."""
    found = []
    for field in serializer.fields.values():
        name = (field.source_attrs or [""])[0]
        column = _get_field(model, name)
        if field.write_only or column is None or not column.is_relation:
            continue
        if _is_key(column, name):
            continue
        if column.related_model is model and type(field) is not PrimaryKeyRelatedField:
            raise Unsuitable(f"{field.field_name} shows other rows of the same table.")
        if isinstance(field, ManyRelatedField) or type(field) is not (
            PrimaryKeyRelatedField
        ):
            found.append(name)
    return list(dict.fromkeys(found))


def _get_field(model: type[Model], name: str) -> Any:
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    # Since Django 6.1 a many-to-many field is not concrete.
    is_own = field.concrete or (field.many_to_many and not field.auto_created)
    return field if is_own else None


def _is_key(field: Any, name: str) -> bool:
    """Whether a name is that of the column of a relation, not of the relation."""
    return bool(name == field.attname != field.name)


def _is_plain(field: Any, model: type[Model]) -> bool:
    """Whether a many-to-many field is two keys in a table that Django made for it.

    And whether its manager sees all of them, not those of a manager of the project's.
    """
    manager = field.related_model._default_manager
    return (
        field.remote_field.through._meta.auto_created
        and field.related_model is not model
        and type(manager).get_queryset is BaseManager.get_queryset
        and field.remote_field.through._meta.managed
    )
