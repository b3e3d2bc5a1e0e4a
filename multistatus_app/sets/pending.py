"""An operation that is prepared and not written yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from rest_framework.viewsets import GenericViewSet

from multistatus_app.outcomes import Operation

LARGEST: Final = 2000
"""The most pending operations, which bounds the memory used."""
# The pending operations of the first set with code of the project: it may ask the
# database when they are written or shown, so that they are run singly after all.
_FIRST: Final = 10


class SetSize:
    """How many operations are pending at most."""

    def __init__(self) -> None:
        """Begin with the largest."""
        self.value = LARGEST
        self._is_tried = False

    def limit(self) -> None:
        """Let the first set be small, unless one was written already."""
        if not self._is_tried:
            self.value = _FIRST

    def widen(self) -> None:
        """Let sets be large: what runs there has worked in one."""
        self._is_tried, self.value = True, LARGEST


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
