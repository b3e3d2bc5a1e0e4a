"""What goes with a row that is deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models
from django.db.models import signals
from django.test.utils import isolate_apps

from multistatus_app.overrides.deletions import get_cascade, get_referring
from tests.overrides.made import OnDelete, build_child, build_model, check, make_view
from tests.shop.models import Category, Event, Note, Parcel, Product

pytestmark = pytest.mark.once


def do_as_we_like(collector: Any, field: Any, rows: Any, using: str) -> None:
    """Do what a project likes."""


@pytest.mark.parametrize(
    ("on_delete", "further", "reason"),
    [
        (models.CASCADE, None, ""),
        (models.PROTECT, None, ""),
        (models.RESTRICT, None, ""),
        (models.DO_NOTHING, None, ""),
        (models.SET_NULL, None, ""),
        (models.SET_DEFAULT, None, ""),
        (
            models.SET(None),
            None,
            "set_on_delete of shop.Child has a say in what is deleted",
        ),
        (
            do_as_we_like,
            None,
            "do_as_we_like of shop.Child has a say in what is deleted",
        ),
        (models.CASCADE, models.CASCADE, ""),
        (models.CASCADE, models.SET_NULL, ""),
        (
            models.CASCADE,
            models.PROTECT,
            "PROTECT of shop.Grandchild has a say in what is deleted",
        ),
        (
            models.CASCADE,
            models.DO_NOTHING,
            "DO_NOTHING of shop.Grandchild has a say in what is deleted",
        ),
        (models.SET_NULL, models.PROTECT, ""),
    ],
)
@isolate_apps("tests.shop")
def test_what_is_deleted_with_it(
    on_delete: OnDelete, further: OnDelete | None, reason: str
) -> None:
    model = build_model(name=models.CharField(max_length=9))
    child = build_child("Child", model, on_delete)
    if further is not None:
        build_child("Grandchild", child, further)

    check(make_view(model=model), {"DELETE": reason} if reason else {})


@isolate_apps("tests.shop")
def test_a_cascade_that_comes_back() -> None:
    model = build_model(name=models.CharField(max_length=9))
    child = build_child("Child", model, models.CASCADE)
    field = models.ForeignKey(child, models.CASCADE, null=True, default=None)
    field.contribute_to_class(model, "favourite")

    reason = "deleting one shop.Made may delete another"
    check(make_view(model=model), {"DELETE": reason})


@isolate_apps("tests.shop")
def test_receivers_of_what_is_deleted_with_it() -> None:
    def receive(**kwargs: Any) -> None:
        """Hear of it."""

    name = f"{__name__}.{receive.__qualname__}"
    model = build_model(name=models.CharField(max_length=9))
    child = build_child("Child", model, models.CASCADE)
    other = build_child("Other", model, models.SET_NULL)
    for each in (child, other):
        signals.post_delete.connect(receive, sender=each)
    try:
        check(
            make_view(model=model),
            {"DELETE": f"post_delete is received by {name} (shop.Child)"},
        )
    finally:
        for each in (child, other):
            signals.post_delete.disconnect(receive, sender=each)


def test_cascade_and_who_refers() -> None:
    assert get_cascade(Event) == (Event,)
    assert get_cascade(Category) == (Category,)
    assert get_cascade(Product) == (Product, Product.tags.through)
    referring = [each.related_model._meta.label for each in get_referring(Product)]
    assert sorted(referring) == ["shop.Product_tags", "shop.Review", "shop.Shipment"]
    assert get_referring(Parcel) == []
    assert get_referring(Note) == []
