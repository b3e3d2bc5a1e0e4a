"""What of a serializer class is not REST framework's own."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers

from tests.overrides.made import (
    CHANGES,
    HERE,
    SAVES,
    check,
    make_serializer,
    make_view,
    override,
)
from tests.shop import serializers as shop

pytestmark = pytest.mark.once


class SlugField(serializers.SlugField):
    """A field of one's own."""


class OnceField(serializers.SlugField):
    """Must not run early, or twice."""

    bulk_columns = False


class Once:
    """Must not run early, or twice."""

    bulk_columns = False

    def __call__(self, value: Any) -> None:
        """Accept it."""


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        *(
            (override(name), None)
            for name in ("validate", "run_validation", "to_internal_value")
        ),
        (override("to_representation"), None),
        ({"validate_sku": lambda self, value: value}, None),
        ({"sku": SlugField()}, None),
        ({"name": serializers.SerializerMethodField("show")}, None),
        ({"category": shop.CategorySerializer()}, None),
        (
            {"sku": OnceField()},
            f"bulk_columns of {__name__}.OnceField, at 'sku', is False",
        ),
        (
            {"sku": serializers.SlugField(validators=[Once()])},
            f"bulk_columns of {__name__}.Once, at 'sku', is False",
        ),
        (override("save"), "save() is overridden by {}"),
        (override("is_valid"), "is_valid() is overridden by {}"),
        ({"data": property(lambda self: {})}, "data() is overridden by {}"),
        (override("get_fields"), "MadeSerializer takes part in building its fields"),
        (override("__init__"), "MadeSerializer takes part in building its fields"),
    ],
)
def test_serializer(members: dict[str, Any], reason: str | None) -> None:
    view = make_view(serializer=make_serializer(**members))

    reason = reason and reason.format(f"{HERE}.MadeSerializer")
    check(view, dict.fromkeys(SAVES, reason) if reason else {})


def test_serializer_that_creates_or_updates() -> None:
    path = f"{HERE}.MadeSerializer"
    creating = make_view(serializer=make_serializer(**override("create")))
    updating = make_view(serializer=make_serializer(**override("update")))

    check(creating, {"POST": f"create() is overridden by {path}"})
    check(updating, dict.fromkeys(CHANGES, f"update() is overridden by {path}"))


def test_serializer_of_no_model() -> None:
    class PlainSerializer(serializers.Serializer[Any]):
        pass

    view = make_view(serializer=PlainSerializer)
    path = f"{__name__}.test_serializer_of_no_model.<locals>.PlainSerializer"

    check(view, dict.fromkeys(SAVES, f"{path} is no ModelSerializer"))
