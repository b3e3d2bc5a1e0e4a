"""The entity tags of a batch's results: those that the single GET would give."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any

from django.core.exceptions import (
    FieldDoesNotExist,
    FieldError,
    ObjectDoesNotExist,
)
from django.db import Error as DatabaseException
from rest_framework.serializers import (
    BaseSerializer,
    Serializer,
    SerializerMethodField,
)

from multistatus_app.outcomes import Operation
from multistatus_app.preconditions import get_representation_etag
from multistatus_app.stock import get_provider, is_drf

if TYPE_CHECKING:
    from multistatus_app.mixins import BulkModelMixin
    from multistatus_app.singles import Singles


logger = logging.getLogger("multistatus_app")


class EntityTags:
    """Asks the view that would answer the GET, or uses what it would represent."""

    def __init__(self, singles: Singles) -> None:
        """Take what makes the views of an operation."""
        self.singles = singles
        self._represents: dict[tuple[str, type], bool] = {}

    def get(self, view: BulkModelMixin, operation: Operation, data: Any) -> str | None:
        """Return the tag of what an operation made or changed, None if that is unknown.

        `data` is the representation that the operation was answered with.
        """
        try:
            return self._get(view, operation, data)
        except DatabaseException:
            raise  # the savepoint is lost with it
        except Exception:  # nobody may be able to read what was written
            logger.warning("A result has no entity tag.", exc_info=True)
            return None

    def _get(self, view: BulkModelMixin, operation: Operation, data: Any) -> str | None:
        serializer = view._single.used_serializer
        if serializer is None:
            instance = view._single.fetched
        else:
            instance = serializer.instance
            if self.is_representation(operation, serializer):
                return get_representation_etag(data)
        return None if instance is None else self.get_current(operation, instance)

    def get_current(self, operation: Operation, instance: Any) -> str:
        """Return the tag of an instance as the single GET would give it."""
        return get_current_etag(
            self.singles.get_view(operation, method="GET"), instance
        )

    def is_representation(
        self, operation: Operation, serializer: BaseSerializer[Any]
    ) -> bool:
        """Whether the GET would represent the instance just as the operation did.

        So it is where the tag is the default one, both have one serializer class, and
        no part of it can tell the two requests apart.
        """
        known = (operation.method or "", type(serializer))
        if known not in self._represents:
            reader = self.singles.get_view(operation, method="GET")
            self._represents[known] = (
                get_provider(type(reader), "get_etag") is None
                and reader.get_serializer_class() is type(serializer)
                and isinstance(serializer, Serializer)
                and get_provider(type(serializer), "to_representation") in _STOCK
                and all(map(_is_stored, serializer.fields.values()))
            )
        return self._represents[known]


_STOCK = (get_provider(Serializer, "to_representation"),)


def get_current_etag(reader: BulkModelMixin, instance: Any) -> str:
    """Return the tag that the view of a GET gives an instance.

    The default tag is one of all that the GET shows, annotations included; so the
    instance is read as the GET reads it, if it can be.
    """
    if get_provider(type(reader), "get_etag") is None:
        with contextlib.suppress(ObjectDoesNotExist, FieldError, TypeError):
            queryset = reader.filter_queryset(reader.get_queryset())
            instance = queryset.get(pk=instance.pk)
    return reader.get_etag(instance)


def _is_stored(field: Any) -> bool:
    """Whether a field is DRF's own, and shows a column or a relation of the model."""
    if not is_drf(type(field)) or isinstance(
        field, SerializerMethodField | BaseSerializer
    ):
        return False
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    try:
        return model is not None and bool(model._meta.get_field(field.source))
    except FieldDoesNotExist:
        return False
