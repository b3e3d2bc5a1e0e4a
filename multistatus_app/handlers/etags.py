"""Entity tags of results: those that the single GET would give, or none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db import Error as DatabaseException
from django.db import models
from rest_framework.serializers import (
    BaseSerializer,
    ModelSerializer,
    Serializer,
    SerializerMethodField,
)

from multistatus_app.databases.statements import AnyWrite, StatementRefused
from multistatus_app.handlers.batches import Batch
from multistatus_app.handlers.routes import is_wrapped
from multistatus_app.handlers.states import OperationState
from multistatus_app.outcomes import Operation
from multistatus_app.overrides.hooks import calls_save_alone
from multistatus_app.overrides.origins import get_provider, is_drf, is_inherited
from multistatus_app.overrides.viewsets import get_hook
from multistatus_app.requests.endpoints import SINGLE_ACTIONS, get_model
from multistatus_app.requests.preconditions import get_representation_etag

logger = logging.getLogger("multistatus_app")

_REPRESENTING: Final = get_provider(Serializer, "to_representation")
_ANY: Final = Operation(index=-1, method=None)
_READING: Final = ("dispatch", "finalize_response", "get_serializer", "retrieve")
_SAVING: Final = ("save", "create", "update")


def _is_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: type(value) is kind


def _is_utc(value: Any) -> bool:
    return type(value) is datetime and str(value.tzinfo) == "UTC"


def _is_plain_float(value: Any) -> bool:
    return type(value) is float and isfinite(value) and str(value) != "-0.0"


_is_integer: Final = _is_of(int)
_is_text: Final = _is_of(str)
# Values of these fields are read back from the database exactly as stored.
_EXACT: Final[dict[str, Callable[[Any], bool]]] = {
    "AutoField": _is_integer,
    "BigAutoField": _is_integer,
    "BigIntegerField": _is_integer,
    "BooleanField": _is_of(bool),
    "CharField": _is_text,
    "DateField": _is_of(date),
    "DateTimeField": _is_utc,
    "DecimalField": _is_of(Decimal),
    "FloatField": _is_plain_float,
    "IntegerField": _is_integer,
    "PositiveBigIntegerField": _is_integer,
    "PositiveIntegerField": _is_integer,
    "PositiveSmallIntegerField": _is_integer,
    "SlugField": _is_text,
    "SmallAutoField": _is_integer,
    "SmallIntegerField": _is_integer,
    "TextField": _is_text,
    "UUIDField": _is_of(UUID),
}
# Decimals of more digits are rounded: SQLite stores them as floats.
_MAX_DIGITS: Final = 15

Column = tuple[str, Callable[[Any], bool]]
"""An attribute's name, and a test for values that are read back exactly as stored."""


class EntityTags:
    """Computes the tags of results, where no extra query is needed."""

    def __init__(self, batch: Batch, *, is_minimal: bool = False) -> None:
        """`is_minimal` means that results carry no representation."""
        self.batch = batch
        self.is_minimal = is_minimal
        self.has_own = get_provider(batch.viewset, "get_etag") is not None
        self._columns: dict[tuple[str, type], list[Column] | None] = {}

    def get(
        self, state: OperationState, data: Any, writes: Sequence[AnyWrite]
    ) -> str | None:
        """Return the tag of the resource, or None if it is not known.

        `data` is the representation in the response.
        """
        serializer, instance = state.serializer, state.instance
        if serializer is not None:
            instance = serializer.instance
        if self.has_own:
            return None if instance is None else self.ask(state.operation, instance)
        if self.is_minimal or serializer is None or not _is_one_row(instance, writes):
            return None
        method = state.operation.method or ""
        if not self.is_stored_as_shown(method, serializer, instance):
            return None
        return get_representation_etag(data)

    def ask(self, operation: Operation, instance: Any) -> str | None:
        """Call the viewset's own `get_etag()`."""
        try:
            reader = self.batch.get_view(operation, method="GET")
            tag: str = reader.get_etag(instance)
        except DatabaseException:
            raise  # it also ended the savepoint
        except StatementRefused:
            return None  # a set must not run another query
        except Exception:  # the new resource may not be readable
            logger.warning("A result has no entity tag.", exc_info=True)
            return None
        return tag

    def is_representation(self, method: str, serializer: BaseSerializer[Any]) -> bool:
        """Return True if a GET shows columns alone, the same ones as the operation.

        No code of the project stands between the columns and the response then.
        """
        return self._find(method, serializer) is not None

    def is_stored_as_shown(
        self, method: str, serializer: BaseSerializer[Any], instance: Any
    ) -> bool:
        """Return True if every column is read back exactly as it was stored."""
        columns = self._find(method, serializer)
        state = vars(instance)
        return columns is not None and all(
            (value := state.get(name)) is None or is_exact(value)
            for name, is_exact in columns
        )

    def _find(
        self, method: str, serializer: BaseSerializer[Any]
    ) -> list[Column] | None:
        known = (method, type(serializer))
        if known not in self._columns:
            self._columns[known] = self._get_columns(method, serializer)
        return self._columns[known]

    def _get_columns(
        self, method: str, serializer: BaseSerializer[Any]
    ) -> list[Column] | None:
        """Return the columns a serializer shows, or None if it shows anything else."""
        viewset = self.batch.viewset
        route = self.batch.paths.routes.detail
        action = SINGLE_ACTIONS[method]
        if (
            route is None
            or route.actions.get("get", "retrieve") != "retrieve"
            or not is_inherited(viewset, action)
            or not _has_plain_hook(viewset, method)
            or not all(is_inherited(viewset, name) for name in _READING)
            or is_wrapped(route)
            or not isinstance(serializer, ModelSerializer)
            or get_provider(type(serializer), "to_representation") is not _REPRESENTING
            or not _is_saved_by_drf(type(serializer))
        ):
            return None
        model = get_model(viewset)
        if model is None or model is not serializer.Meta.model:
            return None
        if self._get_class_of_get() is not type(serializer):
            return None
        return _find_columns(serializer, model)

    def _get_class_of_get(self) -> Any:
        """Return the serializer class of a GET, or None if it is not known."""
        if is_inherited(self.batch.viewset, "get_serializer_class"):
            return self.batch.bare.serializer_class
        try:
            reader = self.batch.get_view(_ANY, method="GET")
            return reader.get_serializer_class()
        except Exception:  # it needs attributes that `dispatch()` sets
            return None


def _has_plain_hook(viewset: Any, method: str) -> bool:
    """Return True if the viewset's hook does nothing but save."""
    hook = get_hook(viewset, method)
    if hook is None:
        return True
    provider = get_provider(viewset, hook)
    return provider is not None and calls_save_alone(vars(provider)[hook])


def _is_saved_by_drf(cls: type) -> bool:
    providers = (get_provider(cls, name) for name in _SAVING)
    return all(each is not None and is_drf(each) for each in providers)


def _find_columns(serializer: ModelSerializer[Any], model: Any) -> list[Column] | None:
    """Return the columns that a serializer shows, or None if it shows anything else."""
    if model.save is not models.Model.save or model._meta.parents:
        return None
    if any(
        signal.has_listeners(model)
        for signal in (models.signals.pre_save, models.signals.post_save)
    ):
        return None
    found = []
    for field in serializer._readable_fields:
        column = _get_column(field, model)
        if column is None:
            return None
        found.append(column)
    return found


def _get_column(field: Any, model: Any) -> Column | None:
    if not is_drf(type(field)) or isinstance(
        field, SerializerMethodField | BaseSerializer
    ):
        return None
    try:
        column: Any = model._meta.get_field(field.source)
    except FieldDoesNotExist:
        return None
    if not column.concrete or column.many_to_many:
        return None
    target = column
    while target.remote_field:
        if not field.use_pk_only_optimization():
            return None
        target = target.target_field
    known = type(target).__module__.startswith("django.db.models.fields")
    is_exact = _EXACT.get(target.get_internal_type()) if known else None
    if (
        is_exact is None
        or getattr(target, "generated", False)
        or (getattr(target, "max_digits", None) or 0) > _MAX_DIGITS
    ):
        return None
    return column.attname, is_exact


def _is_one_row(instance: Any, writes: Sequence[AnyWrite]) -> bool:
    """Return True if an operation wrote to the table of its own row and no other."""
    if not isinstance(instance, models.Model) or not writes:
        return False
    return all(each.table == instance._meta.db_table for each in writes)
