"""One child serializer for a whole batch, lent to one operation after another.

Building a ModelSerializer is most of the cost of a naive loop. It is lent again only if
nobody kept it, and only as it was on its first day.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from rest_framework.fields import Field, empty
from rest_framework.serializers import BaseSerializer, Serializer

from multistatus_app.depths import is_drf_field, is_reusable

if TYPE_CHECKING:
    from multistatus_app.mixins import BulkModelMixin

_CAN_COUNT: Final = hasattr(sys, "getrefcount")


class SerializerPool:
    """The serializers of a batch, one per serializer class."""

    def __init__(self) -> None:
        """Start with none."""
        self._loans: dict[type, Loan | None] = {}

    def lend(
        self, view: BulkModelMixin, instance: Any, data: Any, *, partial: bool
    ) -> BaseSerializer[Any] | None:
        """Return the serializer that `view.get_serializer()` would have built.

        None where it has to be built: it is not reusable, or somebody kept it.
        """
        cls = view.get_serializer_class()
        loan = self._loans.get(cls, empty)
        if loan is None:
            return None
        if loan is empty or not loan.is_returned():
            serializer = cls(context=view.get_serializer_context())
            if not is_lendable(serializer):
                self._loans[cls] = None
                return None
            loan = self._loans[cls] = Loan(serializer)
            del serializer
            loan.settle()
        return loan.lend(view.get_serializer_context(), instance, data, partial=partial)


def is_lendable(serializer: Any) -> bool:
    """Whether a serializer and all that nest in it differ only by what they are given."""
    if not _CAN_COUNT or not isinstance(serializer, Serializer):
        return False
    return all(
        is_reusable(type(each))
        for each in (serializer, *_walk(serializer))
        if isinstance(each, BaseSerializer)
    )


def _walk(field: Any) -> list[Field[Any, Any, Any, Any]]:
    """Return the fields below a serializer or a list."""
    children = list(getattr(field, "fields", {}).values())
    for name in ("child", "child_relation"):
        child = getattr(field, name, None)
        if child is not None:
            children.append(child)
    return children + [each for child in children for each in _walk(child)]


class Loan:
    """A serializer as it was on its first day, and whether it came back."""

    def __init__(self, serializer: Serializer[Any]) -> None:
        """Note the state of the serializer, and of each part that may keep some."""
        self._serializer = serializer
        kept = [
            each
            for each in _walk(serializer)
            if isinstance(each, BaseSerializer) or not is_drf_field(each)
        ]
        self._pristine = [(each, dict(vars(each))) for each in (serializer, *kept)]
        self._references = 0

    def settle(self) -> None:
        """Count the references there are while nobody has it."""
        self._references = sys.getrefcount(self._serializer)

    def is_returned(self) -> bool:
        """Whether nobody else holds the serializer, say in an on_commit callback."""
        return sys.getrefcount(self._serializer) <= self._references

    def lend(
        self, context: dict[str, Any], instance: Any, data: Any, *, partial: bool
    ) -> Serializer[Any]:
        """Return the serializer, made as new with these arguments."""
        for each, state in self._pristine:
            vars(each).clear()
            vars(each).update(state)
        serializer = self._serializer
        serializer.instance = instance
        serializer.partial = partial
        serializer._context = context
        if data is not empty:
            serializer.initial_data = data
        return serializer
