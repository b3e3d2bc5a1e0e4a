"""Recognizes querysets of one table that only Django's own code reads.

This is decided by classes and the query, never by its SQL. Rows of other querysets are
not looked up beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Lookup, Model, QuerySet
from django.db.models.expressions import Col
from django.db.models.manager import BaseManager
from django.db.models.query import ModelIterable
from django.db.models.sql import Query
from django.db.models.sql.compiler import (
    SQLCompiler,
    SQLDeleteCompiler,
    SQLInsertCompiler,
    SQLUpdateCompiler,
)
from django.db.models.sql.where import WhereNode

from multistatus_app.databases.statements import is_plain_name
from multistatus_app.overrides.origins import get_home

_READING: Final = (
    *(
        "__getitem__",
        "__iter__",
        "_chain",
        "_clone",
        "_fetch_all",
        "_filter_or_exclude",
    ),
    *("_filter_or_exclude_inplace", "_iterator", "all", "exclude", "exists", "filter"),
    *("get", "iterator", "order_by", "using", "values_list"),
)
_MANAGING: Final = ("all", "exclude", "filter", "get", "get_queryset", "using")
# Methods that libraries replace to see statements, or to answer without one.
_REPLACED: Final = (
    (QuerySet, (*_READING, "create", "_insert", "_update", "_raw_delete")),
    (Query, ("add_q", "build_filter", "chain", "clone", "get_compiler")),
    (SQLCompiler, ("as_sql", "execute_sql", "results_iter")),
    (SQLInsertCompiler, ("as_sql", "execute_sql")),
    (SQLUpdateCompiler, ("as_sql", "execute_sql")),
    (SQLDeleteCompiler, ("as_sql", "execute_sql")),
    (Model, ("delete", "save", "save_base", "_save_table", "_do_insert", "_do_update")),
)
_LOOKUPS: Final = frozenset(
    {"django.db.models.lookups", "django.db.models.fields.related_lookups"}
)


def explain_replaced() -> Iterator[str]:
    """Yield a sentence for each method of the ORM that has been replaced."""
    for cls, names in _REPLACED:
        for name in names:
            if not is_djangos(cls, name):
                home = get_home(getattr(cls, name)) or "somebody"
                yield f"{cls.__name__}.{name}() is replaced by {home}"


def get_known(queryset: Any) -> QuerySet[Any] | None:
    """Return a queryset of the same rows that reads nothing else, or None.

    It may filter by columns of its own. Prefetches, joins and the order are removed, as
    in `QuerySet.get()`.
    """
    if any(explain_replaced()) or not _is_plain(queryset):
        return None
    queryset = queryset.all()
    if not (
        _is_plain(queryset)
        and type(queryset.query) is Query
        and queryset._iterable_class is ModelIterable
        and all(isinstance(each, str) for each in queryset._prefetch_related_lookups)
        and _is_table(queryset.model)
        and _reads_it_alone(queryset.query)
        and _is_certain(queryset.model, queryset.query.select_related or {})
    ):
        return None
    found: QuerySet[Any] = queryset.select_related(None)
    return found.prefetch_related(None).order_by()


def get_whole(queryset: Any) -> QuerySet[Any] | None:
    """Return a queryset of all rows of a table, or None if it is not one."""
    found = get_known(queryset)
    return None if found is None or found.query.where else found


def is_alike(queryset: Any, known: QuerySet[Any]) -> bool:
    """Return True if a queryset selects the rows of one that is known."""
    return (
        type(queryset) is type(known)
        and vars(queryset).keys() == vars(known).keys()
        and queryset.model is known.model
        and queryset.db == known.db
        and queryset._iterable_class is ModelIterable
        and type(queryset.query) is Query
        and _reads_it_alone(queryset.query)
        and queryset.query.where == known.query.where
        and queryset.query.select_related == known.query.select_related
    )


def is_djangos(cls: type, name: str) -> bool:
    """Return True if the ORM defines this name of a class."""
    return get_home(getattr(cls, name, None)).startswith("django.db.models.")


def _is_plain(thing: Any) -> bool:
    """Return True if a queryset or manager has no overrides in reading."""
    if not isinstance(thing, QuerySet | BaseManager):
        return False
    names = _READING if isinstance(thing, QuerySet) else _MANAGING
    return vars(thing).keys().isdisjoint(names) and all(
        is_djangos(type(thing), name) for name in names
    )


def _is_table(model: type[Model]) -> bool:
    """Return True if a model has its own table, made by Django."""
    meta: Any = model._meta
    return meta.managed and not meta.parents and is_plain_name(meta.db_table)


def _reads_it_alone(query: Any) -> bool:
    """Return True if a query selects rows of one table by its own columns."""
    return (
        sum(map(bool, query.alias_refcount.values())) <= 1
        and query.deferred_loading == (frozenset(), True)
        and _has_own_columns(query.where, query.get_initial_alias())
        and not (
            query.annotations
            or query.combinator
            or query.distinct
            or query.extra
            or query.extra_tables
            or query.group_by
            or query.is_sliced
            # Locks would end with the savepoint of the operation that fetched.
            or query.select_for_update
            or query.values_select
        )
    )


def _has_own_columns(node: Any, alias: str) -> bool:
    if isinstance(node, WhereNode):
        return all(_has_own_columns(each, alias) for each in node.children)
    return (
        isinstance(node, Lookup)
        and type(node).__module__ in _LOOKUPS
        and type(node.lhs) is Col
        and node.lhs.alias == alias
        and _is_value(node.rhs)
    )


def _is_value(value: Any) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_value, value))
    return not hasattr(value, "resolve_expression") and not hasattr(value, "as_sql")


def _is_certain(model: type[Model], names: Any) -> bool:
    """Return True if the joins keep all rows: each key refers to a row."""
    if not isinstance(names, dict):
        return False
    for name, beyond in names.items():
        try:
            field: Any = model._meta.get_field(name)
        except FieldDoesNotExist:
            return False
        if not (
            field.many_to_one
            and (field.null or field.db_constraint)
            and _is_table(field.related_model)
            and _is_certain(field.related_model, beyond)
        ):
            return False
    return True
