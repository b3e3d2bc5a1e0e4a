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

DRF = "rest_framework.fields"
SHOP = "tests.shop.serializers"


class SlugField(serializers.SlugField):
    """A field of one's own."""


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (override("validate"), "validate() is overridden by {}"),
        (override("run_validation"), "run_validation() is overridden by {}"),
        (override("to_internal_value"), "to_internal_value() is overridden by {}"),
        (override("to_representation"), "to_representation() is overridden by {}"),
        ({"validate_sku": lambda self, value: value}, "validate_sku() of {} validates"),
        ({"sku": SlugField()}, f"the field 'sku' is a {__name__}.SlugField"),
        ({"sku": serializers.SlugField()}, None),
        (
            {"name": serializers.SerializerMethodField("show")},
            f"the field 'name' is a {DRF}.SerializerMethodField",
        ),
        (
            {"category": shop.CategorySerializer()},
            f"the field 'category' is a {SHOP}.CategorySerializer",
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
