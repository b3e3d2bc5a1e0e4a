"""Whether many rows can be updated at once with the outcome of one after the other.

Rows that pass on unique values among them cannot: whether a database takes them in one
statement depends on which it writes first, and that is nobody's to choose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import CheckConstraint, F, Field, Model, Q, UniqueConstraint

from multistatus_app.sets.rows import chunk_values


def is_order_free(
    instances: Sequence[Model], fields: Sequence[Field[Any, Any]], using: str
) -> bool:
    """Whether the order does not matter: less than two rows change a unique value.

    Asks for the values that the rows have now, if any of these fields is to be unique.
    """
    keys = [instance.pk for instance in instances]
    if len(set(keys)) < len(keys):
        return False
    model: Any = type(instances[0])
    names = [each.attname for each in fields if each in set(_get_unique(model))]
    if not names:
        return True
    wanted = {
        instance.pk: tuple(getattr(instance, name) for name in names)
        for instance in instances
    }
    changed = 0
    rows = model._base_manager.using(using).order_by()
    for chunk in chunk_values(keys, using):
        for key, *values in rows.filter(pk__in=chunk).values_list("pk", *names):
            changed += wanted.get(key) != tuple(values)
    return changed < 2


def _get_unique(model: Any) -> Iterator[Any]:
    """Return the fields that some unique index reads, as far as the model tells."""
    options = model._meta
    yield from (field for field in options.concrete_fields if field.unique)
    for names in options.unique_together:
        yield from map(options.get_field, names)
    for constraint in options.constraints:
        if isinstance(constraint, CheckConstraint):
            continue
        if type(constraint) is not UniqueConstraint:
            yield from options.concrete_fields
            continue
        yield from map(options.get_field, constraint.fields)
        for expression in (*constraint.expressions, constraint.condition):
            yield from _get_references(options, expression)


def _get_references(options: Any, expression: Any) -> Iterator[Any]:
    """Return the fields that an expression or a condition names, or all in doubt."""
    if expression is None:
        return
    if isinstance(expression, str):
        name = expression.lstrip("-").partition("__")[0]
        yield options.pk if name == "pk" else options.get_field(name)
    elif isinstance(expression, F):
        yield from _get_references(options, str(vars(expression)["name"]))
    elif isinstance(expression, Q):
        for child in expression.children:
            if isinstance(child, tuple):
                yield from _get_references(options, child[0])
                child = child[1]
            if hasattr(child, "resolve_expression"):
                yield from _get_references(options, child)
    else:
        for source in expression.get_source_expressions():
            yield from _get_references(options, source)
