"""One child serializer for a whole batch, lent to one operation after another.

Building a ModelSerializer is most of the cost of a naive loop. It is lent again only if
nobody kept it, and only as it was on its first day.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from copy import copy
from typing import Any, Final

from rest_framework.fields import empty
from rest_framework.serializers import BaseSerializer, Serializer

from multistatus_app.handlers.serializers import is_cloneable, walk
from multistatus_app.lookups import Lookups

# What a serializer has of the one operation that it is lent to.
_PER_OPERATION: Final = frozenset(
    {
        "_context",
        "_data",
        "_errors",
        "_validated_data",
        "initial_data",
        "instance",
        "partial",
    }
)
_CAN_COUNT: Final = hasattr(sys, "getrefcount")


class SerializerPool:
    """The serializers of a batch, one per serializer class."""

    def __init__(self, lookups: Lookups) -> None:
        """Start with none; what their fields look up is shared, too."""
        self._lookups = lookups
        self._loans: dict[type, Loan | None] = {}

    def lend(
        self, view: Any, instance: Any = None, data: Any = empty, **kwargs: Any
    ) -> BaseSerializer[Any] | None:
        """Return the serializer that `view.get_serializer()` would have built.

        None where it has to be built: it is not reusable, or somebody kept it.
        """
        if not kwargs.keys() <= {"partial"}:
            return None
        cls = view.get_serializer_class()
        loan = self._loans.get(cls, empty)
        if loan is None:
            return None
        if loan is empty or not loan.is_returned():
            serializer: Any = cls(context=view.get_serializer_context())
            if not is_lendable(serializer):
                self._loans[cls] = None
                return None
            self._lookups.attach(serializer)
            loan = self._loans[cls] = Loan(serializer)
            del serializer
            loan.settle()
        return loan.lend(
            view.get_serializer_context(),
            instance,
            data,
            partial=kwargs.get("partial", False),
        )

    def is_pristine(self, serializer: Any) -> bool:
        """Whether a serializer is one of ours, and as it was but for its data."""
        loan = self._loans.get(type(serializer))
        return loan is not None and loan.is_pristine(serializer)


def is_lendable(serializer: Any) -> bool:
    """Whether a serializer, and all in it, differ only by what they are given."""
    return _CAN_COUNT and is_cloneable(serializer)


def _note_state(thing: Any) -> tuple[Any, dict[str, Any], list[str]]:
    """Return an object, its state, and which of that are dicts and lists of its own."""
    state = vars(thing)
    containers = [name for name in state if type(state[name]) in (dict, list)]
    return thing, state | {name: copy(state[name]) for name in containers}, containers


class Loan:
    """A serializer as it was on its first day, and whether it came back."""

    def __init__(self, serializer: Serializer[Any]) -> None:
        """Note the state of the serializer and its fields: hooks may change either."""
        self._serializer = serializer
        for each in (serializer, *walk(serializer)):
            each.validators  # noqa: B018 (found once, not again for each operation)
        self._pristine = [_note_state(each) for each in (serializer, *walk(serializer))]
        self._fields = [
            (each.fields.fields, dict(each.fields.fields))
            for each, _, _ in self._pristine
            if isinstance(each, Serializer)
        ]
        self._references = 0

    def settle(self) -> None:
        """Count the references there are while nobody has it."""
        self._references = sys.getrefcount(self._serializer)

    def is_returned(self) -> bool:
        """Whether nobody else holds the serializer, say in an on_commit callback."""
        return sys.getrefcount(self._serializer) <= self._references

    def is_pristine(self, serializer: Any) -> bool:
        """Whether nothing of the serializer and its fields was changed since lent."""
        if serializer is not self._serializer:
            return False
        for each, state, containers in self._pristine:
            own = vars(each)
            own_names = own.keys() - (_PER_OPERATION if each is serializer else ())
            if own_names != state.keys() - (
                _PER_OPERATION if each is serializer else ()
            ):
                return False
            for name in own_names:
                if name in containers:
                    if own[name] != state[name]:
                        return False
                elif own[name] is not state[name]:
                    return False
        return all(fields == named for fields, named in self._fields)

    def lend(
        self, context: Mapping[str, Any], instance: Any, data: Any, *, partial: bool
    ) -> Serializer[Any]:
        """Return the serializer, made as new with these arguments."""
        for each, state, containers in self._pristine:
            own = vars(each)
            own.clear()
            own.update(state)
            for name in containers:
                own[name] = state[name].copy()
        for fields, named in self._fields:
            if fields != named:
                fields.clear()
                fields.update(named)
        serializer = self._serializer
        serializer.instance = instance
        serializer.partial = partial
        serializer._context = dict(context)
        if data is not empty:
            serializer.initial_data = data
        return serializer
