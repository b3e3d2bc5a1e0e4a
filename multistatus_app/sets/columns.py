"""Where a field reads from, and whether Django alone reads there."""

from __future__ import annotations

import inspect
from typing import Any

from django.db.models import FileField, Model
from django.db.models.query_utils import DeferredAttribute

_OWN: tuple[str, ...] = ("django.",)


def get_column(model: type[Model], source: str) -> Any:
    """Return the concrete field that an attribute is of, or None."""
    if source == "pk":
        return model._meta.pk if model._meta.pk in model._meta.concrete_fields else None
    for column in model._meta.concrete_fields:
        if source in (column.name, column.attname):
            return column
    return None


def get_relation(model: type[Model], source: str) -> Any:
    """Return the foreign key or many-to-many field of a name, or None."""
    for column in (*model._meta.concrete_fields, *model._meta.many_to_many):
        if source == column.name and column.is_relation:
            return column
    return None


def is_django(model: type[Model], *names: str) -> bool:
    """Whether these attributes of a model are Django's descriptors and methods."""
    return all(_is_django(inspect.getattr_static(model, name, None)) for name in names)


def is_read_plainly(model: type[Model], column: Any) -> bool:
    """Whether Django alone reads the value of a column, and of a file its URL."""
    if isinstance(column, FileField) and not (
        type(column).__module__.startswith(_OWN)
        and column.attr_class.__module__.startswith(_OWN)
        and column.storage.__class__.__module__.startswith(_OWN)
    ):
        return False
    return is_django(model, column.attname)


def is_in_state(model: type[Model], column: Any) -> bool:
    """Whether an attribute is what a row's `__dict__` has: not so for files."""
    descriptor = inspect.getattr_static(model, column.attname, None)
    return getattr(type(descriptor), "__get__", None) is DeferredAttribute.__get__


def is_fetched_plainly(model: Any) -> bool:
    """Whether Django alone fetches the rows of a related model."""
    managers = (model._base_manager, model._default_manager)
    return (
        model._meta.managed
        and all(type(each).__module__.startswith(_OWN) for each in managers)
        and is_django(model, "__init__", "from_db", "refresh_from_db")
        and is_read_as_stored(model)
    )


def is_read_as_stored(model: type[Model]) -> bool:
    """Whether an attribute of a row is what its descriptor says."""
    return (
        model.__getattribute__ is object.__getattribute__
        and not hasattr(model, "__getattr__")
        and is_django(model, "pk", "serializable_value")
    )


def share_rows(model: type[Model], other: type[Model]) -> bool:
    """Whether to write a row of one model may be to write one of the other."""
    return bool(_get_tables(model) & _get_tables(other))


def _get_tables(model: type[Model]) -> set[str]:
    parents = model._meta.get_parent_list()
    return {each._meta.db_table for each in (model, *parents)}


def _is_django(thing: Any) -> bool:
    """Whether a method, a property or a descriptor was defined by Django."""
    if isinstance(thing, classmethod | staticmethod):
        thing = thing.__func__
    if isinstance(thing, property):
        thing = thing.fget
    module = thing.__module__ if inspect.isfunction(thing) else type(thing).__module__
    return module.startswith(_OWN)
