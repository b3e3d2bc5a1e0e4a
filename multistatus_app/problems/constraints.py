"""The model constraint behind an IntegrityError, and its message and code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError
from django.db.models import Model, Q, UniqueConstraint
from django.db.models.constraints import BaseConstraint

from multistatus_app.outcomes import Problem
from multistatus_app.problems.drivers import get_number
from multistatus_app.problems.failures import Failure, cut, fail
from multistatus_app.problems.messages import ToPointer

Found = tuple[type[Model], BaseConstraint]

# Anchored where the database writes the text, not the client.
_MYSQL: Final = {
    1062: re.compile(r"for key '(?:[^'.]+\.)?([^'.]+)'\Z"),
    3819: re.compile(r"\ACheck constraint '([^']+)' is violated"),
    4025: re.compile(r"\ACONSTRAINT `([^`]+)` failed for"),
}
_SQLITE_NAME: Final = re.compile(
    r"\A(?:CHECK constraint failed: (.+)|UNIQUE constraint failed: index '(.+)')\Z"
)
_SQLITE_COLUMNS: Final = "UNIQUE constraint failed: "
_POSTGRESQL_NAME_BYTES: Final = 63


def explain_constraint(
    exc: IntegrityError, *, sentence: str, to_pointer: ToPointer
) -> Failure | None:
    """Return the failure that a model's constraint describes.

    None if the database names no constraint, or one without a message or code.
    `sentence` is the detail of one that only has a code.
    """
    found = find_constraint(exc)
    if found is None:
        return None
    model, constraint = found
    message, code = _get_message(constraint), constraint.violation_error_code
    if message is None and code is None:
        return None
    detail = cut(message or sentence)
    code = str(code or "conflict")
    errors = tuple(
        Problem(code=code, detail=detail, pointer=to_pointer((name,)))
        for name in get_field_names(model, constraint)
    )
    return fail(409, code, detail, errors=errors)


def find_constraint(exc: IntegrityError) -> Found | None:
    """Return the constraint that the database names, with its model."""
    diagnosis = getattr(exc.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or _get_name(exc)
    if name is not None:
        found = [each for each in _iter_constraints() if _has_name(each[1], name)]
    elif str(exc).startswith(_SQLITE_COLUMNS):
        columns = str(exc).removeprefix(_SQLITE_COLUMNS)
        found = [each for each in _iter_constraints() if _get_columns(each) == columns]
    else:
        return None
    table = getattr(diagnosis, "table_name", None)
    if len(found) > 1 and table is not None:
        found = [each for each in found if each[0]._meta.db_table == table]
    return found[0] if len(found) == 1 else None


def get_field_names(model: type[Model], constraint: Any) -> list[str]:
    """Return the names of a constraint's fields, each once."""
    order = {field.name: index for index, field in enumerate(model._meta.get_fields())}
    names = list(getattr(constraint, "fields", ()))
    for each in _iter_expressions(constraint):
        referred = {each} if isinstance(each, str) else Q(each).referenced_base_fields
        # A set, so it is sorted in the model's order to keep responses stable.
        names += sorted(referred, key=lambda name: order.get(name, -1))
    pk = model._meta.pk.name
    return list(dict.fromkeys(pk if name == "pk" else name for name in names))


def _iter_expressions(constraint: Any) -> Iterator[Any]:
    """Yield the expressions that a constraint compares, without its condition."""
    for each in getattr(constraint, "expressions", ()):
        yield each[0] if isinstance(each, tuple | list) else each
    if not hasattr(constraint, "expressions") and hasattr(constraint, "condition"):
        yield constraint.condition


def _iter_constraints() -> Iterator[Found]:
    for model in apps.get_models(include_auto_created=True):
        for constraint in model._meta.constraints:
            yield model, constraint


def _has_name(constraint: BaseConstraint, name: str) -> bool:
    """Return True if this is its name, which PostgreSQL truncates."""
    cut_name = constraint.name.encode()[:_POSTGRESQL_NAME_BYTES].decode(errors="ignore")
    return name in (constraint.name, cut_name)


def _get_name(exc: IntegrityError) -> str | None:
    """Return the name in the error text of MySQL, MariaDB and SQLite."""
    number = get_number(exc)
    if number is None:
        match = _SQLITE_NAME.match(str(exc))
        return match and (match[1] or match[2])
    pattern, text = _MYSQL.get(number), str(exc.args[-1])
    match = pattern.search(text) if pattern else None
    return match and match[1]


def _get_columns(found: Found) -> str | None:
    """Return the columns of a unique constraint as SQLite lists them."""
    model, constraint = found
    if not isinstance(constraint, UniqueConstraint) or not constraint.fields:
        return None
    try:
        fields: list[Any] = [model._meta.get_field(name) for name in constraint.fields]
    except FieldDoesNotExist:
        return None
    return ", ".join([f"{model._meta.db_table}.{field.column}" for field in fields])


def _get_message(constraint: BaseConstraint) -> str | None:
    """Return the project's message. Django's own names the constraint."""
    message = constraint.violation_error_message
    if message is None or message == constraint.default_violation_error_message:
        return None
    try:
        return str(constraint.get_violation_error_message())
    except (KeyError, TypeError, ValueError):  # a bare `%` in it
        return str(message)
