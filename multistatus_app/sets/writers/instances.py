"""What `save()` does to instances before and after their statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import TracebackType
from typing import Any, Self


def prepare(instances: Sequence[Any]) -> None:
    """Take the keys of related objects that were saved since they were assigned.

    Raises:
        ValueError: one of them was not.
    """
    options = instances[0]._meta
    if options.private_fields or any(
        field.is_relation for field in options.concrete_fields
    ):
        for instance in instances:
            instance._prepare_related_fields_for_save(operation_name="save")


class Unsaved:
    """Instances that are to be inserted, and what they were before.

    A context that makes them that again if anything is raised.
    """

    def __init__(self, instances: Sequence[Any]) -> None:
        """Prepare them, and give them those keys that Python makes."""
        prepare(instances)
        self._instances = instances
        self._name = instances[0]._meta.pk.attname
        self._states = [(each._state.adding, each._state.db) for each in instances]
        self._keyless: set[int] = set()
        for place, instance in enumerate(instances):
            if not instance._is_pk_set():
                self._keyless.add(place)
                key = instance._meta.pk.get_pk_value_on_save(instance)
                setattr(instance, self._name, key)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Make them what they were, if anything was raised."""
        if kind is not None:
            self._restore(range(len(self._instances)))

    def finish(
        self, refused: Collection[int], using: str, keys: Mapping[int, Any]
    ) -> None:
        """Mark all as saved, with these keys, but make the refused what they were."""
        for place, instance in enumerate(self._instances):
            if place not in refused:
                instance._state.adding = False
                instance._state.db = using
                if place in keys:
                    setattr(instance, self._name, keys[place])
        self._restore(refused)

    def _restore(self, places: Collection[int]) -> None:
        for place in places:
            instance = self._instances[place]
            instance._state.adding, instance._state.db = self._states[place]
            if place in self._keyless:
                setattr(instance, self._name, None)
