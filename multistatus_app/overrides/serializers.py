"""The overrides of a serializer class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rest_framework import serializers

from multistatus_app.overrides.origins import get_path, get_provider, has_drfs

# The parts of `is_valid()`, `save()` and `data` beside validation and representation.
_SERIALIZING: Final = ("is_valid", "save", "data", "validated_data", "errors")


def get_declared_reasons(serializer: Any) -> Iterator[str]:
    """Yield what of a serializer class says that it must not run early, or twice."""
    if getattr(serializer, "bulk_columns", True) is False:
        yield f"bulk_columns of {get_path(serializer)} is False"
    for name, field in getattr(serializer, "_declared_fields", {}).items():
        yield from explain_field(name, field)


def explain_field(name: str, field: Any) -> Iterator[str]:
    """Yield what of a field says that it must not run early, or twice."""
    for each in (field, *getattr(field, "validators", ())):
        if getattr(each, "bulk_columns", True) is False:
            yield f"bulk_columns of {get_path(type(each))}, at {name!r}, is False"


def get_serializer_reasons(serializer: type, method: str) -> tuple[str, ...]:
    """Return the overrides in a serializer class beside fields and validation."""
    if not issubclass(serializer, serializers.ModelSerializer):
        return (f"{get_path(serializer)} is no ModelSerializer",)
    name = "create" if method == "POST" else "update"
    return tuple(
        f"{each}() is overridden by {get_path(get_provider(serializer, each))}"
        for each in (*_SERIALIZING, name)
        if not has_drfs(serializer, each)
    )


def is_reusable(serializer: type[serializers.BaseSerializer[Any]]) -> bool:
    """Return True if instances of a serializer class differ only by their arguments.

    False if the class takes part in building its fields, as that may depend on the
    instance, the data or the context.
    """
    return all(has_drfs(serializer, name) for name in _BUILDING)


_BUILDING: Final = (
    "__new__",
    "__init__",
    "__getattr__",
    "__getattribute__",
    "fields",
    "validators",
    "_writable_fields",
    "_readable_fields",
    *(
        name
        for name in dir(serializers.ModelSerializer)
        if name.startswith(("build_", "get_", "include_"))
        and name not in ("get_initial", "get_value", "get_attribute")
    ),
)
