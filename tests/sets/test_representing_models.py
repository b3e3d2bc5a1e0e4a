"""What is shown of rows, relations and links is what DRF shows of them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from rest_framework import fields, relations

from multistatus_app.sets import showing
from multistatus_app.sets.representing import compose, explain
from tests.factories import CategoryFactory, ProductFactory, TagFactory
from tests.parity import models as parity
from tests.sets.showing import NOW, assert_same, make
from tests.shop import models as shop


def get_all() -> Iterator[tuple[Any, Any]]:
    """Yield serializers with instances."""
    category, tag = CategoryFactory(), TagFactory()
    product = ProductFactory(category=category, attributes={"a": [1]})
    product.tags.add(tag, TagFactory())
    names = ["id", "sku", "name", "price", "stock", "category", "tags", "attributes"]
    cls = make(shop.Product, names)
    yield cls, product
    yield cls, shop.Product.objects.get()
    yield cls, shop.Product.objects.defer("price", "category").get()
    yield cls, shop.Product.objects.prefetch_related("tags").get()
    yield cls, shop.Product(sku="unsaved")
    slugs = make(
        shop.Product,
        ["category", "tags", "number"],
        category=relations.SlugRelatedField(slug_field="name", read_only=True),
        tags=relations.SlugRelatedField(slug_field="name", read_only=True, many=True),
        number=fields.IntegerField(source="pk"),
    )
    yield slugs, product
    yield slugs, shop.Product.objects.get()
    yield slugs, shop.Product.objects.select_related("category").get()
    yield slugs, shop.Product(category=shop.Category(name=None))
    yield slugs, shop.Product(pk=5, category_id=10**6)
    yield slugs, shop.Product()
    yield make(shop.Category), category
    yield make(shop.Category), shop.Category(parent=category)
    yield make(shop.Parcel), shop.Parcel(label="x")
    yield make(parity.Genre), parity.Genre(code="a", broader_id="b")
    yield make(parity.Ticket), parity.Ticket(text="x")
    yield make(parity.Author), parity.Author(name="a", pen_name=None, pk=5)
    yield make(parity.Place), parity.Place(width=2)
    yield make(parity.Label), parity.Label(hidden=True)
    user = get_user_model()(username="somebody", last_login=NOW)
    yield make(get_user_model(), ["username", "last_login", "is_staff"]), user
    yield make(parity.Book, ["id", "slug", "labels", "archived"]), parity.Book(slug="A")
    yield make(parity.Book, ["scan"]), parity.Book(scan="a.pdf")
    yield make(parity.Book, ["scan"]), parity.Book()


@pytest.mark.django_db
def test_models() -> None:
    for cls, instance in get_all():
        assert_same(cls(), instance)


@pytest.mark.django_db
def test_plain_values_need_no_drf(monkeypatch: pytest.MonkeyPatch) -> None:
    product = ProductFactory(price=Decimal("1.50"), attributes={"a": 1})
    cls = make(shop.Product, ["id", "sku", "price", "stock", "category", "attributes"])
    represent = compose(cls())
    monkeypatch.setattr(showing, "show_as_drf", None)

    assert represent(product) == {
        "id": product.pk,
        "sku": product.sku,
        "price": "1.50",
        "stock": product.stock,
        "category": product.category_id,
        "attributes": {"a": 1},
    }


@pytest.mark.django_db
def test_slug_from_the_cache(django_assert_num_queries: Any) -> None:
    category = CategoryFactory(name="red")
    product = shop.Product(category=category)
    field = relations.SlugRelatedField(slug_field="name", read_only=True)
    represent = compose(make(shop.Product, ["category"], category=field)())

    with django_assert_num_queries(0):
        assert represent(product) == {"category": "red"}


def test_another_model() -> None:
    represent = compose(make(parity.Book, ["slug"])())

    assert represent(parity.Paperback(slug="A")) == {"slug": "A"}
    assert represent({"slug": "b"}) == {"slug": "b"}


def test_only_what_is_read() -> None:
    secret = fields.CharField(write_only=True)
    assert_same(make(shop.Parcel, ["secret", "label"], secret=secret)(), shop.Parcel())


@pytest.mark.django_db
def test_links(rf: Any) -> None:
    category = CategoryFactory()
    cls = make(
        shop.Product,
        ["url", "category"],
        url=relations.HyperlinkedIdentityField(view_name="product-detail"),
        category=relations.HyperlinkedRelatedField(
            view_name="category-detail", read_only=True
        ),
    )
    request = rf.get("/")
    serializer = cls(context={"request": request})

    found = assert_same(serializer, shop.Product(pk=5, category=category))

    assert found == {
        "url": "http://testserver/api/products/5/",
        "category": f"http://testserver/api/categories/{category.pk}/",
    }
    request.versioning_scheme = object()
    assert explain(serializer) is None
    request.versioning_scheme = SchemeOfTheProject()
    assert explain(serializer) == "field 'url' is computed by project code"


class SchemeOfTheProject:
    """Makes URLs in its own way."""
