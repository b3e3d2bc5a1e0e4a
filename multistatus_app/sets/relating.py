"""Relations of a batch, accepted where the row is among those that were fetched."""

from __future__ import annotations

from typing import Any

from rest_framework.relations import (
    ManyRelatedField,
    PrimaryKeyRelatedField,
    SlugRelatedField,
)

from multistatus_app.sets.lookups import RelatedRows
from multistatus_app.sets.origins import is_inherited
from multistatus_app.sets.validating import check_all, compose_checks
from multistatus_app.sets.verdicts import DOUBT, Accept


def compose_relation(field: Any) -> Accept | None:
    """Return what a relation accepts, or None: no value of it is known before."""
    many = type(field) is ManyRelatedField
    child = field.child_relation if many else field
    checks = compose_checks(field.validators)
    if checks is None or not _is_known(child):
        return None
    find, allow_null = child.queryset.find, field.allow_null

    def accept(value: Any, instance: Any) -> Any:
        if type(value) is not int and type(value) is not str:
            return None if value is None and allow_null else DOUBT
        if value == "":
            return None if allow_null else DOUBT
        row = find(value)
        if row is None:
            return DOUBT
        return check_all(row, instance, checks)

    if not many:
        return accept
    allow_empty = field.allow_empty

    def accept_many(value: Any, instance: Any) -> Any:
        if value is None:
            return None if allow_null else DOUBT
        if type(value) is not list or not (value or allow_empty):
            return DOUBT
        rows = []
        for each in value:
            if type(each) is not int and type(each) is not str:
                return DOUBT
            row = find(each)
            if row is None:
                return DOUBT
            rows.append(row)
        return check_all(rows, instance, checks)

    return accept_many


def _is_known(relation: Any) -> bool:
    return (
        is_inherited(relation)
        and isinstance(relation.queryset, RelatedRows)
        and (
            type(relation) is SlugRelatedField
            or (type(relation) is PrimaryKeyRelatedField and relation.pk_field is None)
        )
    )
