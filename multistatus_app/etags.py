"""The entity tags of a batch's results: those that the single GET would give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import Error as DatabaseException
from rest_framework.serializers import (
    BaseSerializer,
    Serializer,
    SerializerMethodField,
)

from multistatus_app.depths import get_provider, is_drf
from multistatus_app.outcomes import Operation
from multistatus_app.preconditions import get_representation_etag

if TYPE_CHECKING:
    from multistatus_app.mixins import BulkModelMixin
    from multistatus_app.singles import Singles


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
            return None

    def _get(self, view: BulkModelMixin, operation: Operation, data: Any) -> str | None:
        if view.used_serializer is None:
            instance = view.fetched
        else:
            instance = view.used_serializer.instance
            if self._is_representation(view, operation):
                return get_representation_etag(data)
        return None if instance is None else self.get_current(operation, instance)

    def get_current(self, operation: Operation, instance: Any) -> str:
        """Return the tag of an instance as the single GET would give it."""
        return self.singles.get_view(operation, method="GET").get_etag(instance)

    def _is_representation(self, view: BulkModelMixin, operation: Operation) -> bool:
        """Whether the GET would represent the instance just as the operation did.

        So it is where the tag is the default one, both have one serializer class, and
        no part of it can tell the two requests apart.
        """
        serializer: Any = view.used_serializer
        known = (operation.method or "", type(serializer))
        if known not in self._represents:
            reader = self.singles.get_view(operation, method="GET")
            self._represents[known] = (
                get_provider(type(view), "get_etag") is None
                and reader.get_serializer_class() is type(serializer)
                and isinstance(serializer, Serializer)
                and get_provider(type(serializer), "to_representation") in _STOCK
                and all(map(_is_stock, serializer.fields.values()))
            )
        return self._represents[known]


_STOCK = (get_provider(Serializer, "to_representation"),)


def _is_stock(field: Any) -> bool:
    """Whether a field is DRF's own, and asks no code of the project."""
    return is_drf(type(field)) and not isinstance(
        field, SerializerMethodField | BaseSerializer
    )
