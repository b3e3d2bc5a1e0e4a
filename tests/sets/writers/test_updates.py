"""Rows that are updated together, against one `save()` after the other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from multistatus_app.sets.writers import RowsAreGone
from tests.parity.models import Book, Label, Place, Shelf
from tests.sets.writers.checking import REFUSED, GetWriter, check_updates, make_products
from tests.shop.models import Category, Product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_a_savepoint")]


@pytest.mark.parametrize("refused", REFUSED)
def test_update(get: GetWriter, category: Category, refused: dict[str, Any]) -> None:
    Product.objects.bulk_create(make_products(category, 120))
    other = Category.objects.create(name="other")
    changed = make_products(other, 120, **refused, first=1000)

    def change(place: int, product: Product) -> None:
        for name in ("name", "price", "category", "sku", "attributes"):
            setattr(product, name, getattr(changed[place], name))

    check_updates(get, Product, ["name", "price", "category", "attributes"], change)
    check_updates(get, Product, ["sku", "price"], change)


def test_update_to_null(get: GetWriter, category: Category) -> None:
    Product.objects.bulk_create(make_products(category, 5))

    def change(place: int, product: Product) -> None:
        product.name = None if place in (1, 3) else "new"

    check_updates(get, Product, ["name"], change)


ORDERS = pytest.mark.parametrize("order", ["pk", "-pk"])
STEPS = pytest.mark.parametrize("step", [1, -1])


@ORDERS
@STEPS
def test_update_passes_on_unique_values(
    get: GetWriter, category: Category, step: int, order: str
) -> None:
    """Each wants what its neighbour has: who comes first decides who gets it."""
    Product.objects.bulk_create(make_products(category, 60))

    def change(place: int, product: Product) -> None:
        product.sku = f"sku-{product.stock + step}"

    check_updates(get, Product, ["sku", "name"], change, order)


@ORDERS
@STEPS
def test_update_passes_on_unique_expressions(
    get: GetWriter, step: int, order: str
) -> None:
    Label.objects.bulk_create(Label(name=f"label {place}") for place in range(30))

    def change(place: int, label: Label) -> None:
        label.name = f"LABEL {int(label.name.split()[1]) + step}"

    check_updates(get, Label, ["name"], change, order)


@ORDERS
@STEPS
def test_update_passes_on_values_that_are_unique_together(
    get: GetWriter, step: int, order: str
) -> None:
    shelf = Shelf.objects.create(name="shelf")
    Place.objects.bulk_create(
        Place(shelf=shelf, position=number, width=number + 1) for number in range(20)
    )

    def change(place: int, at: Place) -> None:
        at.position = at.width - 1 + step

    check_updates(get, Place, ["position"], change, order)


@ORDERS
def test_update_passes_on_who_comes_under_a_condition(
    get: GetWriter, order: str
) -> None:
    """Of those with the same title one is not archived."""
    shelf = Shelf.objects.create(name="shelf")
    Book.objects.bulk_create(
        Book(slug=str(place), title="same", shelf=shelf, archived=place != 1)
        for place in range(4)
    )

    def change(place: int, book: Book) -> None:
        book.archived = book.slug != "2"

    check_updates(get, Book, ["archived"], change, order)


def test_update_the_same_row_twice(get: GetWriter, category: Category) -> None:
    product = make_products(category, 1)[0]
    product.save()
    other = Product.objects.get()
    product.name, other.name = "first", "second"

    get(Product).update([product, other], [Product._meta.get_field("name")])

    assert Product.objects.get().name == "second"


def test_update_without_a_change(get: GetWriter, category: Category) -> None:
    """MySQL counts rows that change, unless it is told to count those it finds."""
    products = make_products(category, 5)
    get(Product).insert(products)

    assert get(Product).update(products, [Product._meta.get_field("name")]) == {}


def test_update_expressions(get: GetWriter, category: Category) -> None:
    Product.objects.bulk_create(make_products(category, 5))

    def change(place: int, product: Product) -> None:
        product.stock = F("stock") + place if place != 3 else F("stock") - 10
        product.name = "new"

    check_updates(get, Product, ["stock", "name"], change)


@pytest.mark.parametrize("refused", [[], [0], [59], range(60)])
@pytest.mark.parametrize("name", ["price", "sku"])
def test_update_rows_that_are_gone(
    get: GetWriter, category: Category, refused: Collection[int], name: str
) -> None:
    products = make_products(category, 60)
    get(Product).insert(products)
    Product.objects.filter(pk=products[30].pk).delete()
    for place, product in enumerate(products):
        product.sku = f"new-{place}"
        if place in refused and place != 30:
            product.price = -1
    names = dict.fromkeys(["price", name])

    with pytest.raises(RowsAreGone), transaction.atomic():
        get(Product).update(products, [Product._meta.get_field(each) for each in names])

    assert not Product.objects.filter(sku__startswith="new-").exists()
