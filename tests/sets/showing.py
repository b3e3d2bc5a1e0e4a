"""What is shown, compared with what DRF shows."""

from __future__ import annotations

import datetime
from typing import Any

from rest_framework.serializers import ModelSerializer

from multistatus_app.sets.representing import compose, explain

FAILED = object()
NOW = datetime.datetime(2020, 1, 1, 12, 30, 15, 123456, tzinfo=datetime.UTC)


def make(model: Any, names: Any = "__all__", base: Any = None, **members: Any) -> Any:
    """Return a ModelSerializer class."""
    meta = type("Meta", (), {"model": model, "fields": names})
    bases = (base or ModelSerializer,)
    return type(ModelSerializer)("Things", bases, {"Meta": meta, **members})


def show(represent: Any, instance: Any) -> Any:
    """Return a representation, or what it fails with."""
    try:
        return dict(represent(instance))
    except Exception as error:  # DRF's own answer to an odd value
        return FAILED, type(error), str(error)


def get_types(value: Any) -> Any:
    """Return the types in a value, all the way down."""
    if isinstance(value, dict):
        return [(key, get_types(each)) for key, each in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [get_types(each) for each in value]
    return type(value)


def assert_same(serializer: Any, instance: Any) -> Any:
    """Compare with DRF; return what is shown."""
    represent = compose(serializer)
    assert represent is not None, explain(serializer)
    found = show(represent, instance)
    expected = show(serializer.to_representation, instance)

    assert repr(found) == repr(expected)
    assert get_types(found) == get_types(expected)
    return found
