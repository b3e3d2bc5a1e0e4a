"""Fields that were not sent: what is known of their defaults, and what is a doubt."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from rest_framework import fields

from multistatus_app.sets.accepting import DOUBT, compose
from tests.sets.comparing import find_differences, make_serializer


def read_only(**options: Any) -> Any:
    return fields.CharField(read_only=True, **options)


@pytest.mark.parametrize(
    ("default", "is_known"),
    [
        ("a", True),
        (None, True),
        (list, True),
        (fields.CreateOnlyDefault("a"), True),
        (fields.CreateOnlyDefault(list), True),
        (fields.CreateOnlyDefault(fields.CurrentUserDefault()), True),
        (fields.CurrentUserDefault(), True),
        (fields.CreateOnlyDefault(lambda: "a"), False),
        (lambda: "a", False),
        (type("Own", (fields.CurrentUserDefault,), {})(), False),
    ],
)
@pytest.mark.parametrize("instance", [None, object()])
@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("kind", [fields.CharField, fields.HiddenField])
def test_defaults(
    default: Any, is_known: bool, instance: Any, partial: bool, kind: Any
) -> None:
    serializer = make_serializer(kind(default=default), other=fields.CharField())
    serializer._context = {"request": SimpleNamespace(user="somebody")}
    datas = [{"other": "b"}, {"thing": "c", "other": "b"}]

    wrong, accepted = find_differences(serializer, datas, instance, partial=partial)

    assert wrong == []
    update = instance is not None and type(default) is fields.CreateOnlyDefault
    assert (datas[0] in accepted) == (partial or is_known or update)
    assert datas[1] in accepted or kind is fields.HiddenField


def test_default_now() -> None:
    serializer = make_serializer(fields.HiddenField(default=timezone.now))
    accept = compose(serializer, partial=False)
    before = timezone.now()

    found = accept({}, None)

    assert before <= found["thing"] <= timezone.now()


def test_default_without_request() -> None:
    serializer = make_serializer(
        fields.HiddenField(default=fields.CurrentUserDefault())
    )

    assert compose(serializer, partial=False)({}, None) is DOUBT


def test_default_of_a_field_that_is_only_read() -> None:
    asked: list[str] = []
    serializer = make_serializer(read_only(default=lambda: asked.append("asked")))

    assert compose(serializer, partial=False)({}, None) is DOUBT
    assert compose(serializer, partial=True)({}, None) == {}
    assert asked == []
