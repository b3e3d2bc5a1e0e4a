"""What must hold of a viewset, its serializer and its model for set-based execution.

Each function returns the reasons why it does not, in words; no reason is a proof that
many operations in one statement leave what they would leave one by one.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from django.db import models
from django.db.models import Model, signals
from rest_framework import mixins, serializers
from rest_framework.generics import GenericAPIView
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from multistatus_app.hooks import calls_save_alone, ends_with_save
from multistatus_app.querysets import explain_replaced, is_djangos, is_plain_name
from multistatus_app.stock import (
    explain,
    explain_overrides,
    get_path,
    get_provider,
    has_drfs,
    is_drf,
    is_stock,
)

# What all operations may share a view for, if it is DRF's own.
_SHARED: Final = (
    ("initialize_request", ViewSetMixin),
    ("initial", APIView),
    ("perform_authentication", APIView),
    ("determine_version", APIView),
    ("check_permissions", APIView),
    ("check_object_permissions", APIView),
    ("get_permissions", APIView),
    ("get_serializer_class", GenericAPIView),
    ("get_serializer_context", GenericAPIView),
)
# Where a serializer takes part in what is valid, and in what is shown.
_DECIDING: Final = (
    "run_validation",
    "to_internal_value",
    "validate",
    "run_validators",
    "to_representation",
)
# Where filters come from that look at query parameters alone, beside DRF's own.
_FILTERING: Final = ("django_filters.rest_framework.backends",)
_HOOKS: Final[dict[str, tuple[str, type]]] = {
    "POST": ("perform_create", mixins.CreateModelMixin),
    "PUT": ("perform_update", mixins.UpdateModelMixin),
    "PATCH": ("perform_update", mixins.UpdateModelMixin),
    "DELETE": ("perform_destroy", mixins.DestroyModelMixin),
}
_BULK_HOOKS: Final = {
    "POST": "perform_bulk_create",
    "PUT": "perform_bulk_update",
    "PATCH": "perform_bulk_update",
    "DELETE": "perform_bulk_destroy",
}
_SAVING: Final = (
    "save",
    "save_base",
    "_save_table",
    "_do_insert",
    "_do_update",
    "_get_pk_val",
    "_set_pk_val",
)
# What `is_valid()`, `save()` and `data` of a serializer are made of, but for validation
# and representation itself.
_SERIALIZING: Final = (
    "is_valid",
    "save",
    "data",
    "validated_data",
    "errors",
)
# Fields whose `pre_save` and `get_db_prep_save` are known to look at nothing else.
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
# What a deletion does to rows that refer to it, where sets do the same. Those that hold
# on to it are asked for beforehand.
HOLDING: Final = frozenset({models.PROTECT, models.RESTRICT, models.DO_NOTHING})
_KNOWN_DELETIONS: Final = HOLDING | {
    models.CASCADE,
    models.SET_NULL,
    models.SET_DEFAULT,
}


def get_hook(viewset: type, method: str) -> str | None:
    """Return the name of the hook of a method where it is not DRF's own."""
    name, base = _HOOKS[method]
    return None if is_stock(viewset, name, getattr(base, name)) else name


def get_bulk_hook(viewset: Any, method: str) -> str | None:
    """Return the name of the hook by which a project writes sets itself, if it does.

    What has its name, but cannot be called with (serializer, operations), is no hook.
    """
    name = _BULK_HOOKS[method]
    hook = getattr(viewset, name, None)
    if not callable(hook):
        return None
    arguments = ["serializer", "operations"]
    if inspect.isfunction(hook) and not isinstance(
        inspect.getattr_static(viewset, name), staticmethod
    ):
        arguments.insert(0, "self")
    try:
        inspect.signature(hook).bind(*arguments)
    except (TypeError, ValueError):
        return None
    return name


def get_hook_reasons(viewset: Any, method: str) -> Iterator[str]:
    """Yield what of the hook of a method is more than to save or to delete."""
    hook = get_hook(viewset, method)
    if hook is None or get_bulk_hook(viewset, method) is not None:
        return
    provider: Any = get_provider(viewset, hook)
    may_replay = getattr(viewset, "bulk_replayable", False)
    is_proven = ends_with_save if may_replay else calls_save_alone
    if method == "DELETE" or not is_proven(vars(provider)[hook]):
        yield explain(hook, viewset)


def get_view_reasons(viewset: Any, method: str) -> Iterator[str]:
    """Yield what of a viewset must be run for each operation at its place."""
    yield from get_hook_reasons(viewset, method)
    yield from explain_overrides(viewset, ["finalize_response"], APIView)
    if not getattr(viewset, "bulk_replayable", False):
        yield from get_sharing_reasons(viewset)
    if method == "POST":
        base: type = mixins.CreateModelMixin
        yield from explain_overrides(viewset, ["get_success_headers"], base)
    else:
        # One that a project makes may be another one for each operation.
        names = ["get_object", "get_queryset", "filter_queryset"]
        yield from explain_overrides(viewset, names, GenericAPIView)
        for backend in viewset.filter_backends:
            if not (is_drf(backend) or backend.__module__ in _FILTERING):
                yield f"targets are filtered by {get_path(backend)}"
        if getattr(viewset, "bulk_lock", None):
            yield f"bulk_lock is {viewset.bulk_lock!r}"


def get_sharing_reasons(viewset: Any) -> Iterator[str]:
    """Yield what of a viewset (class or instance) may look at a single operation."""
    cls = viewset if isinstance(viewset, type) else type(viewset)
    for name, base in _SHARED:
        yield from explain_overrides(cls, [name], base)
    for permission in viewset.permission_classes:
        for each in _get_operands(permission()):
            cls = type(each)
            is_drfs = is_drf(cls) and has_drfs(cls, "has_permission")
            if not (is_drfs or getattr(cls, "bulk_safe", False)):
                path = get_path(cls)
                yield f"the permission {path} is not declared bulk_safe"


def _get_operands(permission: Any) -> Iterator[Any]:
    """Yield a permission, or those that `&`, `|` and `~` combine in it."""
    operands = [
        vars(permission)[name] for name in ("op1", "op2") if name in vars(permission)
    ]
    if not operands:
        yield permission
    for each in operands:
        yield from _get_operands(each)


def get_decision_reasons(serializer: Any) -> tuple[str, ...]:
    """Return what of a serializer class decides by code of the project's own."""
    reasons = [
        f"{name}() is overridden by {get_path(get_provider(serializer, name))}"
        for name in _DECIDING
        if not has_drfs(serializer, name)
    ]
    reasons += [
        f"{name}() of {get_path(serializer)} validates"
        for name in sorted(dir(serializer))
        if name.startswith("validate_") and name != "validate_empty_values"
    ]
    for name, field in getattr(serializer, "_declared_fields", {}).items():
        cls = type(field)
        if not is_drf(cls) or isinstance(
            field, serializers.BaseSerializer | serializers.SerializerMethodField
        ):
            reasons.append(f"the field {name!r} is a {get_path(cls)}")
    return tuple(reasons)


def get_serializer_reasons(serializer: type, method: str) -> tuple[str, ...]:
    """Return what of a serializer class is more than its fields and its validation."""
    if not issubclass(serializer, serializers.ModelSerializer):
        return (f"{get_path(serializer)} is no ModelSerializer",)
    name = "create" if method == "POST" else "update"
    return tuple(
        f"{each}() is overridden by {get_path(get_provider(serializer, each))}"
        for each in (*_SERIALIZING, name)
        if not has_drfs(serializer, each)
    )


def get_model_reasons(
    model: type[Model], method: str, *, is_written_by_project: bool = False
) -> Iterator[str]:
    """Yield what a model, or who listens to it, does for each instance."""
    yield from explain_replaced()
    yield from _get_static_reasons(model, method)
    if not is_written_by_project:
        yield from get_saving_reasons(model, method)


def get_saving_reasons(model: type[Model], method: str) -> Iterator[str]:
    """Yield what runs for each row that is saved or deleted, beside Django's own."""
    names = ("delete",) if method == "DELETE" else _SAVING
    for name in names:
        if getattr(model, name) is not getattr(Model, name):
            yield f"{name}() is overridden by {get_path(get_provider(model, name))}"
    listened = (
        ("pre_delete", "post_delete")
        if method == "DELETE"
        else ("pre_init", "post_init", "pre_save", "post_save")
    )
    yield from _get_listened(model, listened)
    if method == "DELETE":
        for each in get_cascade(model):
            if each is not model:
                yield from (
                    f"{reason} ({each._meta.label})"
                    for reason in _get_listened(each, listened)
                )
    else:
        for many in model._meta.many_to_many:
            yield from _get_listened(many.remote_field.through, ("m2m_changed",))


def _get_listened(model: Any, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if getattr(signals, name).has_listeners(model):
            yield f"{name} has a receiver"


def _get_static_reasons(model: type[Model], method: str) -> tuple[str, ...]:
    """Return what of the definition of a model stands against sets."""
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
        reasons.extend(_get_deletion_reasons(model))
    return tuple(reasons)


def _has_stock_create(model: type[Model]) -> bool:
    manager: Any = model._default_manager
    rows = manager.get_queryset()
    return (
        is_djangos(type(manager), "create")
        and is_djangos(type(rows), "create")
        and rows._db is None
    )


def _get_deletion_reasons(model: type[Model]) -> Iterator[str]:
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
    """Return the models whose rows are deleted with the row that they refer to."""
    cascaded = [
        relation.related_model
        for relation in get_referring(model)
        if relation.on_delete not in _KNOWN_DELETIONS - {models.CASCADE}
    ]
    generic: list[Any] = [
        field.related_model
        for field in model._meta.private_fields
        if hasattr(field, "bulk_related_objects")  # as Django's Collector asks
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
