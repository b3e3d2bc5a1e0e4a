"""Batches of rows that others refer to."""

from __future__ import annotations

from tests.answers import op
from tests.factories import NoteFactory, UserFactory
from tests.parity.models import Book
from tests.shop.models import Product, Review, Shipment
from tests.strategies.batches.base import Rows, Sent, sends


@sends
def deletes_that_are_protected(rows: Rows) -> Sent:
    free, held = rows.categories[1].pk, rows.categories[0].pk
    return Sent(
        "categories",
        [op("DELETE", key) for key in (held, free, rows.categories[2].pk, held)],
        [409, 204, 204, 409],
        is_set=False,
    )


@sends
def deletes_that_are_restricted(rows: Rows) -> Sent:
    reviewed, shipped, *free = rows.products
    Review.objects.create(product=reviewed)
    Shipment.objects.create(product=shipped)
    return Sent(
        "products",
        [
            op("DELETE", each.pk)
            for each in (free[0], reviewed, free[1], shipped, free[2])
        ],
        [204, 409, 204, 409, 204],
    )


@sends
def deletes_that_cascade(rows: Rows) -> Sent:
    bottom, middle, top = rows.categories
    Product.objects.update(category=top)
    bottom.parent, middle.parent = None, bottom
    bottom.save()
    middle.save()
    return Sent(
        "categories",
        [op("DELETE", each.pk) for each in (bottom, middle, top)],
        [204, 404, 409],
        is_set=False,
    )


@sends
def deletes_of_what_others_belong_to(rows: Rows) -> Sent:
    one, two, three = UserFactory.create_batch(3)
    NoteFactory.create_batch(2, owner=one)
    NoteFactory(owner=three)
    shelf = rows.shelves[0]
    Book.objects.bulk_create(
        [Book(slug=f"b{each.pk}", title="t", shelf=shelf, owner=each, archived=True)
         for each in (one, two)]
    )  # fmt: skip
    return Sent(
        "users",
        [op("DELETE", key) for key in (one.pk, 0, two.pk, three.pk, one.pk)],
        [204, 404, 204, 204, 404],
    )


@sends
def deletes_of_a_tree(rows: Rows) -> Sent:
    one, two, three = rows.shelves
    two.parent = one
    two.save()
    return Sent(
        "shelves",
        [op("DELETE", each.pk) for each in (two, one, three, one)],
        [204, 204, 204, 404],
        is_set=False,
    )
