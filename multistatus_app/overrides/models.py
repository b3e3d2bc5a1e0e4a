"""The code that a model, or a receiver of its signals, runs for each row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db import models
from django.db.models import Model

from multistatus_app.databases.statements import is_plain_name
from multistatus_app.overrides.deletions import get_cascade, get_deletion_reasons
from multistatus_app.overrides.origins import get_path, get_provider
from multistatus_app.overrides.querysets import explain_replaced, is_djangos
from multistatus_app.overrides.receivers import explain_receivers

_SAVING: Final = (
    "save",
    "save_base",
    "_save_table",
    "_do_insert",
    "_do_update",
    "_get_pk_val",
    "_set_pk_val",
)
# Fields whose `pre_save` and `get_db_prep_save` depend on nothing else.
_KNOWN_FIELDS: Final = frozenset(
    {
        models.AutoField,
        models.BigAutoField,
        models.BigIntegerField,
        models.BinaryField,
        models.BooleanField,
        models.CharField,
        models.DateField,
        models.DateTimeField,
        models.DecimalField,
        models.DurationField,
        models.EmailField,
        models.FloatField,
        models.ForeignKey,
        models.GenericIPAddressField,
        models.IntegerField,
        models.JSONField,
        models.OneToOneField,
        models.PositiveBigIntegerField,
        models.PositiveIntegerField,
        models.PositiveSmallIntegerField,
        models.SlugField,
        models.SmallAutoField,
        models.SmallIntegerField,
        models.TextField,
        models.TimeField,
        models.URLField,
        models.UUIDField,
    }
)


def get_model_reasons(
    model: type[Model],
    method: str,
    *,
    is_written_by_project: bool = False,
    may_replay: bool = False,
) -> Iterator[str]:
    """Yield the reasons against sets in a model and its signal receivers.

    `may_replay` means that receivers may run twice.
    """
    yield from explain_replaced()
    yield from _get_static_reasons(model, method)
    if not is_written_by_project:
        yield from get_saving_reasons(model, method, may_replay=may_replay)


def get_saving_reasons(
    model: type[Model], method: str, *, may_replay: bool = False
) -> Iterator[str]:
    """Yield the project's code that runs for each row saved or deleted."""
    names = ("delete",) if method == "DELETE" else _SAVING
    for name in names:
        if getattr(model, name) is not getattr(Model, name):
            yield f"{name}() is overridden by {get_path(get_provider(model, name))}"
    if method != "DELETE":
        for name in ("pre_save", "post_save"):
            yield from explain_receivers(name, model, may_replay=may_replay)
        for many in model._meta.many_to_many:
            through: Any = many.remote_field.through
            yield from explain_receivers("m2m_changed", through)
        return
    for each in get_cascade(model):
        for name in ("pre_delete", "post_delete"):
            for reason in explain_receivers(name, each):
                yield reason if each is model else f"{reason} ({each._meta.label})"


def _get_static_reasons(model: type[Model], method: str) -> tuple[str, ...]:
    """Return the reasons against sets in the definition of a model."""
    reasons = []
    meta = model._meta
    if not meta.managed:
        reasons.append(f"the table of {meta.label} is not made by Django")
    if not is_plain_name(meta.db_table):
        reasons.append(f"the table of {meta.label} has a schema or quotes in its name")
    if meta.parents or meta.proxy:
        reasons.append(f"{meta.label} inherits from another model's table")
    if meta.order_with_respect_to:
        reasons.append(f"{meta.label} is ordered with respect to a relation")
    for field in meta.concrete_fields:
        if type(field) not in _KNOWN_FIELDS:
            reasons.append(f"the field {field.name!r} is a {get_path(type(field))}")
        elif getattr(field, "db_default", models.NOT_PROVIDED) is not (
            models.NOT_PROVIDED
        ):
            reasons.append(f"the database makes the default of {field.name!r}")
    if method == "POST" and not _has_stock_create(model):
        reasons.append(f"create() is overridden by the manager of {meta.label}")
    if type(model._base_manager) is not models.Manager:
        reasons.append(f"the base manager of {meta.label} is not Django's")
    if method in ("PUT", "PATCH"):
        reasons.extend(
            f"the order of changes matters to the constraint {each.name!r}"
            for each in meta.constraints
            if not isinstance(each, models.CheckConstraint)
            and not (isinstance(each, models.UniqueConstraint) and each.fields)
        )
    if method == "DELETE":
        reasons.extend(get_deletion_reasons(model))
    return tuple(reasons)


def _has_stock_create(model: type[Model]) -> bool:
    manager: Any = model._default_manager
    rows = manager.get_queryset()
    return (
        is_djangos(type(manager), "create")
        and is_djangos(type(rows), "create")
        and rows._db is None
    )
