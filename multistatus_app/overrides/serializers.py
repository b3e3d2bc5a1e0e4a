"""The overrides of a serializer class."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from multistatus_app.overrides.origins import get_path, get_provider, has_drfs, is_drf

# The methods that validate and represent.
_DECIDING: Final = (
    "run_validation",
    "to_internal_value",
    "validate",
    "run_validators",
    "to_representation",
)
# The parts of `is_valid()`, `save()` and `data` beside validation and representation.
_SERIALIZING: Final = ("is_valid", "save", "data", "validated_data", "errors")


def get_decision_reasons(serializer: Any) -> tuple[str, ...]:
    """Return the project's code in a serializer class that validates or represents."""
    reasons = [
        f"{name}() is overridden by {get_path(get_provider(serializer, name))}"
        for name in _DECIDING
        if not has_drfs(serializer, name)
    ]
    reasons += [
        f"{name}() of {get_path(serializer)} validates"
        for name in sorted(dir(serializer))
        if name.startswith("validate_") and name != "validate_empty_values"
    ]
    for name, field in getattr(serializer, "_declared_fields", {}).items():
        cls = type(field)
        if not is_drf(cls) or isinstance(
            field, serializers.BaseSerializer | serializers.SerializerMethodField
        ):
            reasons.append(f"the field {name!r} is a {get_path(cls)}")
    return tuple(reasons)


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
