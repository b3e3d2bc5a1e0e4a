"""An operation that is prepared and not written yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rest_framework.viewsets import GenericViewSet

from multistatus_app.outcomes import Operation


class Doubt(Exception):
    """It cannot be told without the database what becomes of an operation."""


@dataclass(slots=True)
class PendingWrite:
    """An operation that DRF would now write; what `perform_bulk_create` is given."""

    operation: Operation
    instance: Any
    """The instance as it is to be written."""
    view: GenericViewSet[Any]
    validated_data: dict[str, Any]
    """What the serializer validated."""
    saved: dict[str, Any] = field(default_factory=dict)
    """What is saved: that, and what a hook added."""
    many: dict[str, list[Any]] = field(default_factory=dict)
    """The rows of its many-to-many fields."""
    composed: Any = None
    """The `Composed` of its serializer; None for a delete."""
    serializer: Any = None
    """The serializer itself, if code of the project took part in validation."""


class Validated(NamedTuple):
    """What a hook may read of a serializer."""

    validated_data: dict[str, Any]
    view: Any

    @property
    def context(self) -> Any:
        """What the serializer would have been given."""
        return self.view.get_serializer_context()
