"""Sets: few statements, and what is left is what one by one would have left."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.fields import CharField, DecimalField, IntegerField, SlugField
from rest_framework.relations import PrimaryKeyRelatedField
from rest_framework.test import APIClient

from multistatus_app.overrides.decisions import Decision, Depth, decide
from multistatus_app.sets import accepting, relating, scalars
from multistatus_app.sets import many_to_many as links
from multistatus_app.sets import writing as sets_writing
from multistatus_app.sets.lookups import RelatedRows
from multistatus_app.sets.preparing import Preparation
from multistatus_app.sets.uniques import UniqueValues
from multistatus_app.settings import DEFAULTS
from multistatus_app.strategies import set_based
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_details, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import (
    CategoryFactory,
    NoteFactory,
    ProductFactory,
    TagFactory,
    UserFactory,
)
from tests.parity.models import Book, Place, Shelf
from tests.shop import serializers as shop
from tests.shop import views
from tests.shop.models import (
    Category,
    Event,
    Note,
    Parcel,
    Product,
    Review,
    Shipment,
    Tag,
)

pytestmark = pytest.mark.django_db

EXACT = connection.vendor in ("postgresql", "sqlite")
"""Whether text is equal in Python where it is equal in the database."""
FIRST_KEY = 5000
"""The first key that the database makes in each run."""

needs_exact = pytest.mark.skipif(not EXACT, reason="Text is compared inexactly.")


@pytest.fixture(autouse=True)
def largest_sets(settings: Any) -> None:
    """Make a set of however few, where a test says nothing else."""
    settings.MULTISTATUS = {"MIN_SET_SIZE": 1}


@pytest.fixture
def in_sets(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note how many operations each set wrote."""
    written: list[int] = []
    for name in ("insert", "update", "delete"):
        stock = getattr(sets_writing, name)

        def write(model: Any, accepted: Any, *more: Any, stock: Any = stock) -> Any:
            refused = stock(model, accepted, *more)
            written.append(len(accepted) - len(refused))
            return refused

        monkeypatch.setattr(sets_writing, name, write)
    return written


class ShelfSerializer(serializers.ModelSerializer[Shelf]):
    """Stock."""

    class Meta:
        model = Shelf
        fields = ["id", "name", "parent", "note"]


class PlaceSerializer(serializers.ModelSerializer[Place]):
    """Unique together, nullable, and a condition."""

    class Meta:
        model = Place
        fields = ["id", "shelf", "position", "width", "depth"]


class KeyedParcelSerializer(serializers.ModelSerializer[Parcel]):
    """The key is what a client says."""

    class Meta:
        model = Parcel
        fields = ["id", "label"]


class NamedCategorySerializer(serializers.ModelSerializer[Category]):
    """Names its parent."""

    parent = serializers.SlugRelatedField(
        slug_field="name", queryset=Category.objects.all(), required=False
    )

    class Meta:
        model = Category
        fields = ["id", "name", "parent"]


class UserSerializer(serializers.ModelSerializer[Any]):
    """Stock."""

    class Meta:
        model = get_user_model()
        fields = ["id", "username"]


class ShelfViewSet(BulkModelViewSet):
    """Stock; what stands on a shelf goes with it, or holds on to it."""

    queryset = Shelf.objects.all()
    serializer_class = ShelfSerializer


class PlaceViewSet(BulkModelViewSet):
    """Stock."""

    queryset = Place.objects.all()
    serializer_class = PlaceSerializer


class KeyedParcelViewSet(BulkModelViewSet):
    """Stock."""

    queryset = Parcel.objects.all()
    serializer_class = KeyedParcelSerializer


class NamedCategoryViewSet(BulkModelViewSet):
    """Stock."""

    queryset = Category.objects.all()
    serializer_class = NamedCategorySerializer


class UserViewSet(BulkModelViewSet):
    """Stock; notes go with their owner, and books are left without."""

    queryset = get_user_model().objects.all()
    serializer_class = UserSerializer


VIEWSETS: dict[str, Any] = {
    "users": UserViewSet,
    "shelves": ShelfViewSet,
    "places": PlaceViewSet,
    "parcels": KeyedParcelViewSet,
    "named": NamedCategoryViewSet,
}
"""Those that have no route of their own in `tests.urls`."""


class Rows(NamedTuple):
    """What is there before."""

    categories: list[Category]
    tags: list[Tag]
    products: list[Product]
    shelves: list[Shelf]
    places: list[Place]


@pytest.fixture
def rows() -> Rows:
    """Make some of each."""
    restart_keys(1000)
    categories = [CategoryFactory(name=f"c{index}") for index in range(3)]
    tags = [TagFactory(name=f"t{index}") for index in range(3)]
    products = [
        ProductFactory(sku=f"p{index}", name=f"P{index}", category=categories[0])
        for index in range(6)
    ]
    for product in products:
        product.tags.set(tags[:2])
    shelves = [Shelf.objects.create(name=f"s{index}") for index in range(3)]
    places = [
        Place.objects.create(shelf=shelves[0], position=1),
        Place.objects.create(shelf=shelves[1], position=None),
        Place.objects.create(shelf=None, position=1, width=7),
        Place.objects.create(shelf=shelves[1], position=2, width=6),
        Place.objects.create(shelf=shelves[2], position=4, width=5),
    ]
    return Rows(categories, tags, products, shelves, places)


class Sent(NamedTuple):
    """A batch, and what is answered."""

    where: str
    operations: list[Any]
    statuses: list[int]
    is_set: bool = True
    """Whether some of it is written as a set; not where all of it is in doubt."""


BATCHES: dict[str, Callable[[Rows], Sent]] = {}


def sends(build: Callable[[Rows], Sent]) -> Callable[[Rows], Sent]:
    """Add a batch to those that are sent in each way."""
    BATCHES[build.__name__] = build
    return build


def product(sku: Any, rows: Rows, **more: Any) -> dict[str, Any]:
    """Return the representation of a new product."""
    category = rows.categories[0].pk
    return {"sku": sku, "name": "new", "price": "1.00", "category": category, **more}


@sends
def creates(rows: Rows) -> Sent:
    tags = [each.pk for each in rows.tags]
    return Sent(
        "products",
        [
            op("POST", data=product("a", rows, tags=tags)),
            op("POST", data=product("b", rows, tags=tags[1:], stock=7)),
            op("POST", data=product("c", rows, attributes={"size": [1, None]})),
            op("POST", data=product("d", rows, tags=[tags[0], tags[0]])),
            op("POST", data=product("e", rows, category=rows.categories[2].pk)),
        ],
        [201] * 5,
    )


@sends
def creates_refused_by_validation(rows: Rows) -> Sent:
    return Sent(
        "products",
        [
            op("POST", data=product("a", rows)),
            op("POST", data=product("b c", rows)),
            op("POST", data=product("d", rows, price="1.005")),
            op("POST", data=product("e", rows, price=None)),
            op("POST", data=product("f", rows, category=0)),
            op("POST", data=product("g", rows, tags=[rows.tags[0].pk, 0])),
            op("POST", data=product("p0", rows)),
            op("POST", data={}),
            op("POST", data=[]),
            op("POST", data=product("h", rows, stock=-1)),
            op("POST", data=product("i", rows, stock=True)),
            op("POST", data=product("j", rows, category=True)),
            op("POST", data=product("k", rows)),
        ],
        [201, *[400] * 11, 201],
    )


@sends
def creates_refused_by_the_database(rows: Rows) -> Sent:
    return Sent(
        "products",
        [
            op("POST", data=product("a", rows, price="-1.00")),
            op("POST", data=product("b", rows, tags=[rows.tags[0].pk])),
            op("POST", data=product("c", rows, price="-2.00", tags=[rows.tags[0].pk])),
            op("POST", data=product("d", rows)),
            op("POST", data=product("a", rows)),
        ],
        [409, 201, 409, 201, 201],
    )


@sends
def creates_that_an_expression_refuses(rows: Rows) -> Sent:
    names = ["A", "b", "a", "T1", "B", "c", " c ", "C"]
    return Sent(
        "tags",
        [op("POST", data={"name": name}) for name in names],
        [201, 201, 409, 409, 409, 201, 409, 409],
    )


@sends
def puts(rows: Rows) -> Sent:
    return Sent(
        "products",
        [
            op("PUT", each.pk, product(f"new-{index}", rows, stock=index, tags=tags))
            for index, (each, tags) in enumerate(
                zip(
                    rows.products,
                    [[], [rows.tags[0].pk], [rows.tags[2].pk], [], [], []],
                    strict=True,
                )
            )
        ],
        [200] * 6,
    )


@sends
def patches(rows: Rows) -> Sent:
    one, two, three, *_ = (each.pk for each in rows.products)
    return Sent(
        "products",
        [
            op("PATCH", one, {"name": "new"}),
            op("PATCH", two, {"price": "3.00", "stock": 4}),
            op("PATCH", 0, {"name": "nobody"}),
            op("PATCH", three, {"tags": [rows.tags[2].pk, rows.tags[0].pk]}),
            op("PATCH", "x", {"name": "nobody"}),
        ],
        [200, 200, 404, 200, 404],
    )


@sends
def patches_that_are_refused(rows: Rows) -> Sent:
    keys = [each.pk for each in rows.products]
    return Sent(
        "products",
        [
            op("PATCH", keys[0], {"price": "-1.00"}),
            op("PATCH", keys[1], {"price": "-1.00", "tags": []}),
            op("PATCH", keys[2], {"price": "2.00", "tags": []}),
            op("PATCH", keys[3], {"sku": "p0"}),
            op("PATCH", keys[4], {"sku": "p4", "stock": 9}),
            op("PATCH", keys[5], {"stock": -9}),
        ],
        [409, 409, 200, 400, 200, 400],
    )


@sends
def keys_twice(rows: Rows) -> Sent:
    one, two, *_ = (each.pk for each in rows.products)
    return Sent(
        "products",
        [
            op("PATCH", one, {"stock": 1}),
            op("PATCH", two, {"stock": 2}),
            op("PATCH", one, {"name": "again"}),
            op("DELETE", one),
            op("PATCH", one, {"stock": 3}),
            op("DELETE", one),
            op("PUT", two, product("p1", rows)),
            op("DELETE", two),
        ],
        [200, 200, 200, 204, 404, 404, 200, 204],
    )


@sends
def deletes_twice(rows: Rows) -> Sent:
    one, two, three, *_ = (each.pk for each in rows.products)
    return Sent(
        "products",
        [op("DELETE", key) for key in (one, two, one, three, 0, two)],
        [204, 204, 404, 204, 404, 404],
    )


@sends
def values_freed_and_claimed(rows: Rows) -> Sent:
    one, two, three, *_ = (each.pk for each in rows.products)
    return Sent(
        "products",
        [
            op("POST", data=product("p0", rows)),
            op("PATCH", one, {"sku": "free"}),
            op("POST", data=product("p0", rows)),
            op("POST", data=product("p0", rows)),
            op("DELETE", two),
            op("PATCH", three, {"sku": "p1"}),
            op("POST", data=product("p2", rows)),
            op("POST", data=product("p1", rows)),
        ],
        [400, 200, 201, 400, 204, 200, 201, 400],
    )


@sends
def values_swapped(rows: Rows) -> Sent:
    one, two, three, *_ = (each.pk for each in rows.products)
    return Sent(
        "products",
        [
            op("PATCH", one, {"sku": "p1"}),
            op("PATCH", one, {"sku": "x"}),
            op("PATCH", two, {"sku": "p0"}),
            op("PATCH", three, {"sku": "p1"}),
            op("PATCH", one, {"sku": "p2"}),
            op("PATCH", one, {"sku": "p0"}),
        ],
        [400, 200, 200, 200, 200, 400],
        is_set=False,
    )


@sends
def values_moved_up(rows: Rows) -> Sent:
    """Each takes what the one after it lets go of, too late."""
    keys = [each.pk for each in rows.products]
    return Sent(
        "products",
        [
            op("PATCH", keys[index], {"sku": f"p{index + 1}" if index < 5 else "p0"})
            for index in range(6)
        ],
        [400] * 6,
        is_set=False,
    )


@sends
def values_moved_down(rows: Rows) -> Sent:
    """Each takes what the one before it let go of."""
    keys = [each.pk for each in rows.products]
    return Sent(
        "products",
        [
            op("PATCH", keys[index], {"sku": f"p{index + 1}" if index < 5 else "p6"})
            for index in reversed(range(6))
        ],
        [200] * 6,
    )


@sends
def odd_spellings(rows: Rows) -> Sent:
    """What is another value as sent, and the same as stored, or the other way."""
    return Sent(
        "products",
        [
            op("POST", data=product(1, rows)),
            op("POST", data=product("1", rows)),
            op("POST", data=product(" 1 ", rows)),
            op("POST", data=product(True, rows)),
            op("POST", data=product("x", rows, price=1)),
            op("POST", data=product("y", rows, price=" 2.5 ", stock="3")),
            op("POST", data=product("z", rows, price=3.25, stock=4.0)),
            op("POST", data=product("w", rows, category=str(rows.categories[0].pk))),
            op("POST", data=product("X", rows)),
            op("POST", data=product("x ", rows)),
        ],
        [201, 400, 400, 400, 201, 201, 201, 201, 201 if EXACT else 400, 400],
    )


@sends
def names_untrimmed(rows: Rows) -> Sent:
    names = [" a ", "a", "a ", " c0", "b", "\tb"]
    return Sent(
        "categories",
        [op("POST", data={"name": name}) for name in names],
        [201, 400, 400, 400, 201, 400],
    )


@sends
def flags_for_keys(rows: Rows) -> Sent:
    return Sent(
        "categories",
        [
            op("POST", data={"name": "a", "parent": rows.categories[0].pk}),
            op("POST", data={"name": "b", "parent": str(rows.categories[0].pk)}),
            op("POST", data={"name": "c", "parent": True}),
            op("POST", data={"name": "d", "parent": 0}),
            op("POST", data={"name": "e", "parent": ""}),
            op("POST", data={"name": "f", "parent": None}),
        ],
        [201, 201, 400, 400, 201, 201],
    )


@sends
def parents_made_earlier_by_key(rows: Rows) -> Sent:
    return Sent(
        "categories",
        [
            op("POST", data={"name": "child", "parent": FIRST_KEY}),
            op("POST", data={"name": "parent"}),
            op("POST", data={"name": "child", "parent": FIRST_KEY}),
            op("POST", data={"name": "grandchild", "parent": FIRST_KEY + 1}),
            op("POST", data={"name": "later", "parent": FIRST_KEY + 4}),
        ],
        [400, 201, 201, 201, 400],
    )


@sends
def parents_made_earlier_by_name(rows: Rows) -> Sent:
    c0 = rows.categories[0].pk
    return Sent(
        "named",
        [
            op("POST", data={"name": "child", "parent": "parent"}),
            op("POST", data={"name": "other", "parent": "c0"}),
            op("POST", data={"name": "parent"}),
            op("POST", data={"name": "child", "parent": "parent"}),
            op("PATCH", c0, {"name": "renamed"}),
            op("PATCH", rows.categories[1].pk, {"parent": "c0"}),
            op("PATCH", rows.categories[2].pk, {"parent": "renamed"}),
            op("POST", data={"name": "last", "parent": "c0"}),
            op("POST", data={"name": "c0", "parent": "renamed"}),
        ],
        [400, 201, 201, 201, 200, 400, 200, 400, 201],
        is_set=False,
    )


@sends
def made_and_changed_by_slug(rows: Rows) -> Sent:
    return Sent(
        "skus",
        [
            op("PATCH", "a", {"stock": 1}),
            op("POST", data=product("a", rows)),
            op("PATCH", "a", {"stock": 2}),
            op("PATCH", "p0", {"sku": "b"}),
            op("PATCH", "p0", {"stock": 3}),
            op("PATCH", "b", {"stock": 4}),
            op("DELETE", "p0"),
            op("DELETE", "b"),
            op("DELETE", "a"),
        ],
        [404, 201, 200, 200, 404, 200, 404, 204, 204],
    )


@sends
def renamed_in_one_method(rows: Rows) -> Sent:
    """A key that is missing at first is given to a row before it is asked for."""
    return Sent(
        "skus",
        [
            op("PATCH", "p1", {"sku": "q1"}),
            op("PATCH", "p0", {"sku": "q0"}),
            op("PATCH", "q0", {"stock": 3}),
            op("PATCH", "p0", {"stock": 4}),
            op("PATCH", "none", {"stock": 4}),
        ],
        [200, 200, 200, 404, 404],
    )


@sends
def keys_of_their_own(rows: Rows) -> Sent:
    one, two, three = (str(UUID(int=place)) for place in (1, 2, 3))
    Parcel.objects.create(pk=one, label="old")
    return Sent(
        "parcels",
        [
            op("POST", data={"id": two, "label": "a"}),
            op("POST", data={"id": one, "label": "b"}),
            op("POST", data={"id": three.replace("-", ""), "label": "c"}),
            op("POST", data={"id": three, "label": "d"}),
            op("POST", data={"id": "", "label": "e"}),
            op("PUT", two, {"id": two, "label": "changed"}),
            op("PATCH", three, {"label": "changed"}),
            op("PATCH", one, {"id": str(UUID(int=4))}),
            op("DELETE", three),
        ],
        [201, 400, 201, 400, 400, 200, 200, 200, 204],
    )


@sends
def unique_together(rows: Rows) -> Sent:
    first, second, _ = (each.pk for each in rows.shelves)
    return Sent(
        "places",
        [
            op("POST", data={"shelf": first, "position": 1}),
            op("POST", data={"shelf": first, "position": 0}),
            op("POST", data={"shelf": first, "position": 0}),
            op("POST", data={"shelf": first, "position": "0"}),
            op("POST", data={"shelf": second, "position": None}),
            op("POST", data={"shelf": second, "position": None, "width": 3}),
            op("POST", data={"shelf": None, "position": 1, "width": 5}),
            op("POST", data={"position": 1}),
            op("POST", data={"shelf": second, "position": 1}),
            op("POST", data={"shelf": second, "position": 5, "width": 9}),
            op("POST", data={"shelf": first, "position": 5, "width": 9}),
        ],
        [400, 201, 400, 400, 201, 201, 201, 201, 201, 201, 400],
    )


@sends
def unique_together_changed(rows: Rows) -> Sent:
    taken, null, shelfless, other, last = (each.pk for each in rows.places)
    first, second, third = (each.pk for each in rows.shelves)
    return Sent(
        "places",
        [
            op("PATCH", null, {"shelf": first, "position": 1}),
            op("PATCH", shelfless, {"shelf": first}),
            op("PATCH", taken, {"shelf": first, "position": 3}),
            op("PATCH", other, {"shelf": third}),
            op("PATCH", last, {"shelf": first, "position": 1}),
            op("PATCH", null, {"shelf": first, "position": 2, "width": 4}),
            op("PATCH", taken, {"position": None}),
            op("PATCH", other, {"position": None}),
            op("PUT", other, {"shelf": third, "position": 9, "width": 8}),
            op("PUT", last, {"shelf": first, "position": 9, "width": 8}),
            op("PUT", shelfless, {"shelf": second, "width": 2, "depth": 3}),
        ],
        [400, 400, 200, 200, 200, 200, 200, 200, 200, 400, 409],
    )


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


@sends
def methods_mixed(rows: Rows) -> Sent:
    one, two, three, four, *_ = (each.pk for each in rows.products)
    return Sent(
        "products",
        [
            op("POST", data=product("a", rows)),
            op("DELETE", one),
            op("POST", data=product("p0", rows, tags=[rows.tags[0].pk])),
            op("PATCH", FIRST_KEY, {"sku": "p1"}),
            op("PATCH", two, {"sku": "a"}),
            op("PATCH", FIRST_KEY, {"sku": "b"}),
            op("PATCH", two, {"sku": "a"}),
            op("PUT", three, product("p1", rows, tags=[])),
            op("DELETE", FIRST_KEY),
            op("POST", data=product("b", rows)),
            op("DELETE", four),
            op("POST", data=product("p3", rows, price="-1.00")),
            op("POST", data=product("p3", rows)),
        ],
        [201, 204, 201, 400, 400, 200, 200, 200, 204, 201, 204, 409, 201],
    )


@sends
def malformed(rows: Rows) -> Sent:
    return Sent(
        "products",
        [
            op("POST", data=product("a", rows)),
            op("TRACE"),
            op("POST"),
            op("PATCH", rows.products[0].pk, {"stock": 1}, if_match='"no"'),
            op("PATCH", rows.products[0].pk, {"stock": 2}),
            op("PATCH", "a/b", {"stock": 2}),
            op("POST", data=product("b", rows), ref="b"),
        ],
        [201, 400, 400, 412, 200, 404, 201],
    )


class Left(NamedTuple):
    """What a batch leaves."""

    statuses: list[int]
    document: str
    summary: str | None
    tables: dict[str, list[str]]


WAYS = (None, 1, "default")
"""How few operations are worth a set: none are, one is, or as is the default."""


def send(
    api: APIClient, serve: Serve, sent: Sent, *, smallest: Any = 1, query: str = ""
) -> Left:
    """Send a batch, return what it left, and take that back."""
    multistatus = {} if smallest == "default" else {"MIN_SET_SIZE": smallest}
    path = f"/api/{sent.where}"
    with transaction.atomic(), override_settings(MULTISTATUS=multistatus):
        restart_keys(FIRST_KEY)
        if sent.where in VIEWSETS:
            serve(VIEWSETS[sent.where])
            path = "/things"
        response = api.post(f"{path}/batch/{query}", batch(*sent.operations))
        left = Left(
            get_statuses(response),
            json.dumps(response.json()),
            response.headers.get("Multistatus-Summary"),
            read_tables(),
        )
        transaction.set_rollback(True)
    return left if connection.vendor == "sqlite" else without_gaps(left)


def read_tables() -> dict[str, list[str]]:
    """Return the rows of all tables that the batches write to."""
    models: list[Any] = [
        each
        for label in ("auth", "shop", "parity")
        for each in apps.get_app_config(label).get_models(include_auto_created=True)
        if not each._meta.proxy
    ]
    return {
        each._meta.label: [repr(row) for row in each.objects.order_by("pk").values()]
        for each in models
    }


def restart_keys(first: int) -> None:
    """Let the keys of all tables begin here."""
    with connection.cursor() as cursor:
        for model in (Category, Product, Tag, Shelf, Place):
            table = model._meta.db_table
            if connection.vendor == "sqlite":
                cursor.execute(
                    "UPDATE sqlite_sequence SET seq = %s WHERE name = %s",
                    [first - 1, table],
                )
            elif connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                    [table, first - 1],
                )


def without_gaps(left: Left) -> Left:
    """Number what was created, in order: what was refused may have used up a key.

    And leave out what such keys are in: entity tags, and the keys of links.
    """
    document = json.loads(left.document)
    made = []
    for each in document["results"]:
        each.pop("etag", None)
        if each["status"] == 201 and isinstance(each["data"]["id"], int):
            made.append(each["data"]["id"])
    assert made == sorted(made)
    numbers = {str(key): f"new {place}" for place, key in enumerate(made)}

    def number(text: str) -> str:
        return re.sub(r"\b\d{4,}\b", lambda key: numbers.get(key[0], key[0]), text)

    tables = {
        name: [
            number(re.sub(r"^{'id': \d+, ", "", row) if "_" in name else number(row))
            for row in rows
        ]
        for name, rows in left.tables.items()
    }
    return left._replace(document=number(json.dumps(document)), tables=tables)


@pytest.mark.parametrize("name", BATCHES)
@needs_exact
def test_outcomes_and_rows_are_those_of_one_by_one(
    api: APIClient, serve: Serve, rows: Rows, in_sets: list[int], name: str
) -> None:
    sent = BATCHES[name](rows)

    singly = send(api, serve, sent, smallest=None)
    assert in_sets == []
    assert singly.statuses == sent.statuses
    assert send(api, serve, sent, smallest=1) == singly
    assert bool(in_sets) is sent.is_set
    assert send(api, serve, sent, smallest="default") == singly


def plant_untrimmed_text(patch: pytest.MonkeyPatch) -> None:
    """A text is kept with the blanks around it."""

    def compose(field: Any) -> Any:
        field.trim_whitespace = False
        return scalars.compose_text(field)

    patch.setitem(accepting._COMPOSERS, CharField, compose)


def plant_number_as_text(patch: pytest.MonkeyPatch) -> None:
    """A number is taken for a text without being made one."""

    def compose(field: Any) -> Any:
        accept = scalars.compose_text(field)
        assert accept is not None
        return lambda value, instance: (
            value if type(value) is int else accept(value, instance)
        )

    patch.setitem(accepting._COMPOSERS, SlugField, compose)


def plant_flag_as_number(patch: pytest.MonkeyPatch) -> None:
    """True is taken for 1."""

    def compose(field: Any) -> Any:
        accept = scalars.compose_integer(field)
        assert accept is not None
        return lambda value, instance: (
            int(value) if type(value) is bool else accept(value, instance)
        )

    patch.setitem(accepting._COMPOSERS, IntegerField, compose)


def plant_flag_as_key(patch: pytest.MonkeyPatch) -> None:
    """True is taken for the key 1."""

    def compose(field: Any) -> Any:
        accept = relating.compose_relation(field)
        assert accept is not None
        fetched = field.queryset._fetch()._found
        return lambda value, instance: (
            next(iter(fetched.values()))
            if type(value) is bool
            else accept(value, instance)
        )

    patch.setitem(accepting._COMPOSERS, PrimaryKeyRelatedField, compose)


def plant_unquantized_decimal(patch: pytest.MonkeyPatch) -> None:
    """A number may have as many places as it likes."""

    def compose(field: Any) -> Any:
        return lambda value, instance: Decimal(str(value))

    patch.setitem(accepting._COMPOSERS, DecimalField, compose)


def plant_unclaimed_values(patch: pytest.MonkeyPatch) -> None:
    """A value stays free that an earlier operation will take."""
    patch.setattr(UniqueValues, "claim", _do_nothing)


def plant_unreleased_values(patch: pytest.MonkeyPatch) -> None:
    """A value stays taken that an earlier operation lets go of."""
    patch.setattr(UniqueValues, "release", _do_nothing)
    patch.setattr(UniqueValues, "_note", _note_inserts)


def plant_everything_free(patch: pytest.MonkeyPatch) -> None:
    """A value is free whoever has it."""
    patch.setattr(UniqueValues, "is_free", lambda self, value, instance: True)


def plant_unexpected_rows(patch: pytest.MonkeyPatch) -> None:
    """A row that was missing stays so, though an earlier operation makes it."""
    patch.setattr(RelatedRows, "expect", _do_nothing)


def plant_key_that_stays_missing(patch: pytest.MonkeyPatch) -> None:
    """A key that an earlier operation gives to a row is answered as unknown."""
    patch.setattr(Preparation, "_lookup_column", "none", raising=False)
    stock = Preparation.__init__

    def init(self: Any, *args: Any) -> None:
        stock(self, *args)
        self._lookup_column = "none"

    patch.setattr(Preparation, "__init__", init)


def plant_links_left(patch: pytest.MonkeyPatch) -> None:
    """Links that are no longer wanted stay."""
    patch.setattr(links, "_fetch", lambda *args: iter(()))


def _do_nothing(*args: Any, **kwargs: Any) -> None:
    """Do nothing."""


def _note_inserts(self: Any, write: Any) -> bool:
    return True


PLANTS: dict[Callable[[pytest.MonkeyPatch], None], str] = {
    plant_untrimmed_text: "names_untrimmed",
    plant_number_as_text: "odd_spellings",
    plant_flag_as_number: "creates_refused_by_validation",
    plant_flag_as_key: "flags_for_keys",
    plant_unquantized_decimal: "creates_refused_by_validation",
    plant_unclaimed_values: "names_untrimmed",
    plant_unreleased_values: "values_freed_and_claimed",
    plant_everything_free: "creates_refused_by_validation",
    plant_unexpected_rows: "parents_made_earlier_by_key",
    plant_key_that_stays_missing: "renamed_in_one_method",
    plant_links_left: "patches_that_are_refused",
}
"""Each with the batch that shows it."""


@needs_exact
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_planted_mistake_is_found(
    api: APIClient,
    serve: Serve,
    rows: Rows,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
) -> None:
    sent = BATCHES[PLANTS[plant]](rows)
    singly = send(api, serve, sent, smallest=None)
    plant(monkeypatch)

    assert send(api, serve, sent, smallest=1) != singly


def count_queries(api: APIClient, method: str, path: str, body: Any) -> int:
    """Return how many statements a request takes that succeeds."""
    assert connection.features.supports_json_field  # Django asks once per process
    with CaptureQueriesContext(connection) as queries:
        response = getattr(api, method)(path, body)
    assert {each // 100 for each in get_statuses(response)} == {2}
    return len(queries)


COUNTS = (10, 60)
ONE_BY_ONE = connection.vendor == "postgresql"
"""Whether each of many rows that change a unique value is a statement of its own."""


@needs_exact
class TestQueries:
    """As many for many as for few: foreign keys, unique fields and m2m included."""

    def count(self, api: APIClient, rows: Rows, method: str, build: Any) -> set[int]:
        found = set()
        for count in COUNTS:
            products = [
                ProductFactory(sku=f"old-{count}-{index}", category=rows.categories[0])
                for index in range(count)
            ]
            for each in products[::2]:
                each.tags.set(rows.tags[:2])
            body = [build(count, index, each) for index, each in enumerate(products)]
            found.add(count_queries(api, method, "/api/products/bulk/", body))
        return found

    def get_product(self, rows: Rows, count: int, index: int) -> dict[str, Any]:
        return product(
            f"new-{count}-{index}",
            rows,
            category=rows.categories[index % 3].pk,
            tags=[rows.tags[index % 3].pk, rows.tags[(index + 1) % 3].pk],
        )

    def test_post(self, api: APIClient, rows: Rows, in_sets: list[int]) -> None:
        found = self.count(
            api,
            rows,
            "post",
            lambda count, index, _: self.get_product(rows, count, index),
        )

        assert len(found) == 1
        assert in_sets == list(COUNTS)

    def test_put(self, api: APIClient, rows: Rows, in_sets: list[int]) -> None:
        found = self.count(
            api,
            rows,
            "put",
            lambda count, index, old: {
                "id": old.pk, **self.get_product(rows, count, index)
            },
        )  # fmt: skip

        assert (len(found) > 1) is ONE_BY_ONE
        assert in_sets == list(COUNTS)

    @pytest.mark.parametrize("name", ["stock", "sku", "category", "tags", "same sku"])
    def test_patch(
        self, api: APIClient, rows: Rows, in_sets: list[int], name: str
    ) -> None:
        def build(count: int, index: int, old: Product) -> dict[str, Any]:
            new = self.get_product(rows, count, index)
            values = {"stock": index, "same sku": old.sku}
            value = values[name] if name in values else new[name]
            return {"id": old.pk, name.removeprefix("same "): value}

        found = self.count(api, rows, "patch", build)

        assert (len(found) > 1) is (ONE_BY_ONE and name == "sku")
        assert in_sets == list(COUNTS)

    def test_delete(self, api: APIClient, rows: Rows, in_sets: list[int]) -> None:
        found = self.count(api, rows, "delete", lambda count, index, old: old.pk)

        assert len(found) == 1
        assert in_sets == list(COUNTS)


@pytest.mark.parametrize("where", ["parcels", "notes", "events"])
@pytest.mark.parametrize("method", ["post", "patch", "delete"])
def test_queries_without_unique_text(
    api: APIClient, serve: Serve, in_sets: list[int], where: str, method: str
) -> None:
    """On each database."""
    model, name = {
        "parcels": (Parcel, "label"), "notes": (Note, "text"), "events": (Event, "text")
    }[where]  # fmt: skip
    owner = UserFactory()

    class Serializer(serializers.ModelSerializer[Any]):
        class Meta:
            fields = ["id", name, *(["owner"] if model is Note else [])]
            read_only_fields = ["id"]

    Serializer.Meta.model = model  # type: ignore[attr-defined]  # of the parameter
    members = {"queryset": model.objects.all(), "serializer_class": Serializer}
    serve(type("MadeViewSet", (BulkModelViewSet,), members))
    given = {"owner": owner} if model is Note else {}
    sent = {"owner": owner.pk} if model is Note else {}
    found = set()

    for count in COUNTS:
        old = [model.objects.create(**{name: "old"}, **given) for _ in range(count)]
        body: list[Any] = [{name: f"new {index}", **sent} for index in range(count)]
        if method == "patch":
            body = [
                {"id": str(row.pk), **new} for row, new in zip(old, body, strict=True)
            ]
        elif method == "delete":
            body = [str(row.pk) for row in old]
        found.add(count_queries(api, method, "/things/bulk/", body))

    assert len(found) == 1
    assert in_sets == list(COUNTS)


REFUSED = {
    "first": [0], "middle": [9], "last": [19], "several": [3, 4, 5, 11, 19],
    "but one": [*range(7), *range(8, 20)], "all": list(range(20)),
}  # fmt: skip


@needs_exact
@pytest.mark.parametrize("places", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "expression", "DELETE"])
def test_what_the_database_refuses(
    api: APIClient,
    serve: Serve,
    rows: Rows,
    in_sets: list[int],
    method: str,
    places: list[int],
) -> None:
    """Some of twenty; and each is answered what it is answered singly."""
    products = ProductFactory.create_batch(20, category=rows.categories[0])
    refused = [place in places for place in range(20)]
    tags = [each.pk for each in rows.tags]
    where = "products"
    if method == "DELETE":
        Review.objects.bulk_create([Review(product=products[i]) for i in places])
        operations = [op("DELETE", each.pk) for each in products]
    elif method == "expression":
        where, method = "tags", "POST"
        operations = [
            op("POST", data={"name": "T0" if bad else f"n{index}"})
            for index, bad in enumerate(refused)
        ]
    else:
        operations = [
            op(
                method,
                *([] if method == "POST" else [old.pk]),
                data=product(f"n{index}", rows, tags=tags[index % 3 :])
                | {"price": "-1.00" if bad else "1.00"},
            )
            for index, (old, bad) in enumerate(zip(products, refused, strict=True))
        ]
    done = {"POST": 201, "DELETE": 204}.get(method, 200)
    sent = Sent(where, operations, [409 if bad else done for bad in refused])

    singly = send(api, serve, sent, smallest=None)

    assert singly.statuses == sent.statuses
    assert send(api, serve, sent, smallest=1) == singly
    assert in_sets == [20 - len(places)]


@needs_exact
@pytest.mark.parametrize(
    "query", ["?atomic=true", "?dry_run=true", "?atomic=1&dry_run=1"]
)
@pytest.mark.parametrize(
    "name", ["creates", "methods_mixed", "patches_that_are_refused"]
)
def test_options(
    api: APIClient, serve: Serve, rows: Rows, in_sets: list[int], name: str, query: str
) -> None:
    sent = BATCHES[name](rows)

    singly = send(api, serve, sent, smallest=None, query=query)

    assert send(api, serve, sent, smallest=1, query=query) == singly
    assert in_sets
    untouched = send(api, serve, Sent("products", [op("POST", data={})], [400]))
    kept = name == "creates" and query == "?atomic=true"
    assert (singly.tables == untouched.tables) is not kept


@needs_exact
def test_no_set_is_larger_than_the_largest(
    api: APIClient,
    serve: Serve,
    rows: Rows,
    in_sets: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(set_based, "LARGEST", 5)
    operations = [op("POST", data=product(f"n{index}", rows)) for index in range(12)]
    operations[7] = op("POST", data=product("n0", rows))
    operations[11] = op("POST", data=product("n11", rows, price="-1.00"))
    sent = Sent("products", operations, [*[201] * 7, 400, *[201] * 3, 409])

    singly = send(api, serve, sent, smallest=None)

    assert singly.statuses == sent.statuses
    assert send(api, serve, sent, smallest=1) == singly
    # The refusal counts: it waits for its turn.
    assert in_sets == [5, 4, 1]


def test_few_operations_are_no_set(
    api: APIClient, settings: Any, in_sets: list[int]
) -> None:
    settings.MULTISTATUS = {"MIN_SET_SIZE": 3}
    for count in (2, 3):
        body = [{"label": f"n{index}"} for index in range(count)]
        assert get_statuses(api.post("/api/parcels/bulk/", body)) == [201] * count

    assert in_sets == [3]


def test_default_smallest_set(
    api: APIClient, settings: Any, in_sets: list[int]
) -> None:
    del settings.MULTISTATUS
    smallest = DEFAULTS["MIN_SET_SIZE"]
    for count in (smallest - 1, smallest):
        body = [{"label": f"n{index}"} for index in range(count)]
        assert get_statuses(api.post("/api/parcels/bulk/", body)) == [201] * count

    assert in_sets == [smallest]


def test_minimal_answer(api: APIClient, in_sets: list[int]) -> None:
    response = api.post(
        "/api/parcels/bulk/",
        [{"label": "a"}, {"label": ""}, {"label": "b"}],
        headers={"Prefer": "return=minimal"},
    )

    assert response["Preference-Applied"] == "return=minimal"
    results = get_results(response)
    assert [each["status"] for each in results] == [201, 400, 201]
    keys = {Parcel.objects.get(label=label).pk for label in "ab"}
    assert {results[0]["href"], results[2]["href"]} == {
        f"/api/parcels/{key}/" for key in keys
    }
    assert [set(each) for each in results[::2]] == [
        {"index", "method", "status", "href"}
    ] * 2
    assert in_sets == [2]


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    """With commits of their own."""

    def test_commit_on_the_way(
        self, api: APIClient, serve: Serve, in_sets: list[int]
    ) -> None:
        serve(type("MadeViewSet", (views.ParcelViewSet,), {"bulk_commit_every": 3}))

        with CaptureQueriesContext(connection) as queries:
            response = api.post(
                "/things/bulk/", [{"label": f"n{index}"} for index in range(7)]
            )

        assert get_statuses(response) == [201] * 7
        assert in_sets == [3, 3, 1]
        assert [each["sql"] for each in queries].count("COMMIT") == 3
        assert Parcel.objects.count() == 7

    @needs_exact
    @pytest.mark.parametrize("smallest", WAYS)
    def test_callbacks_are_of_what_is_kept(
        self, api: APIClient, serve: Serve, settings: Any, smallest: Any
    ) -> None:
        """Neither those of a refused operation, nor twice those of the others."""
        settings.MULTISTATUS = (
            {} if smallest == "default" else {"MIN_SET_SIZE": smallest}
        )
        said: list[str] = []

        class SayingViewSet(BulkModelViewSet):
            queryset = Tag.objects.all()
            serializer_class = shop.TagSerializer
            bulk_replayable = True

            def say(self, name: str) -> None:
                transaction.on_commit(lambda: said.append(name))

            def perform_create(self, serializer: Any) -> None:
                self.say(serializer.validated_data["name"])
                serializer.save()

        serve(SayingViewSet)

        response = api.post(
            "/things/bulk/", [{"name": name} for name in ("a", "b", "A", "c", "d", "B")]
        )

        assert get_statuses(response) == [201, 201, 409, 201, 201, 409]
        assert said == ["a", "b", "c", "d"]

    @pytest.mark.parametrize("option", ["atomic=true", "dry_run=true"])
    def test_nothing_is_kept(
        self, api: APIClient, in_sets: list[int], option: str
    ) -> None:
        response = api.post(
            f"/api/parcels/bulk/?{option}",
            [{"label": "a"}, {"label": "b"}, {"label": ""}],
        )

        expected = [424, 424, 400] if option == "atomic=true" else [201, 201, 400]
        assert get_statuses(response) == expected
        assert in_sets == [2]
        assert not Parcel.objects.exists()


CALLS: list[Any] = []
"""What hooks were called with."""


def call(text: str) -> None:
    """Note a call; some texts are refused."""
    CALLS.append(text)
    if text == "not this":
        raise PermissionDenied("Not this one.")


class OwnedNoteViewSet(BulkModelViewSet):
    """Its hooks end with `save`; what they read notes who read it."""

    queryset = Note.objects.all()
    serializer_class = shop.NoteSerializer
    bulk_replayable = True

    @property
    def owner(self) -> Any:
        """The owner."""
        call(self.request.data["text"])
        return self.request.user

    def perform_create(self, serializer: Any) -> None:
        """Save with the owner."""
        serializer.save(owner=self.owner)

    def perform_update(self, serializer: Any) -> None:
        """Save with the owner, and where it is."""
        serializer.save(owner=self.owner, position=7)


class TestHooks:
    """Hooks that end with `serializer.save(...)`."""

    @pytest.fixture(autouse=True)
    def _calls(self) -> None:
        CALLS.clear()

    @pytest.fixture
    def user(self, api: APIClient, serve: Serve) -> Any:
        """Return who asks."""
        serve(OwnedNoteViewSet)
        user = UserFactory()
        api.force_authenticate(user)
        return user

    def test_is_decided(self) -> None:
        assert decide(OwnedNoteViewSet, "POST") == Decision(
            depth=Depth.SETS, reasons=()
        )

    def test_create(self, api: APIClient, user: Any, in_sets: list[int]) -> None:
        found = set()
        for count in COUNTS:
            CALLS.clear()
            texts = [f"n{count}-{index}" for index in range(count)]
            body = [{"text": text} for text in texts]
            found.add(count_queries(api, "post", "/things/bulk/", body))
            assert texts == CALLS

        assert len(found) == 1
        assert in_sets == list(COUNTS)
        assert set(Note.objects.values_list("owner", flat=True)) == {user.pk}
        assert Note.objects.count() == sum(COUNTS)

    def test_update(self, api: APIClient, user: Any, in_sets: list[int]) -> None:
        found = set()
        for count in COUNTS:
            CALLS.clear()
            notes = NoteFactory.create_batch(count, owner=user)
            body = [{"id": each.pk, "text": f"n{each.pk}"} for each in notes]
            found.add(count_queries(api, "patch", "/things/bulk/", body))
            assert [each["text"] for each in body] == CALLS

        assert len(found) == 1
        assert in_sets == list(COUNTS)
        assert set(Note.objects.values_list("position", flat=True)) == {7}

    def test_a_refusal_is_that_of_one(
        self, api: APIClient, user: Any, in_sets: list[int]
    ) -> None:
        texts = ["a", "not this", "", "b"]

        response = api.post("/things/bulk/", [{"text": text} for text in texts])

        assert get_statuses(response) == [201, 403, 400, 201]
        assert get_details(response)[1] == "Not this one."
        assert CALLS == ["a", "not this", "b"]
        assert in_sets == [2]
        assert list(Note.objects.order_by("pk").values_list("text", flat=True)) == [
            "a", "b",
        ]  # fmt: skip

    def test_an_unexpected_error_is_announced_once(
        self, api: APIClient, user: Any, in_sets: list[int], serve: Serve
    ) -> None:
        class FailingViewSet(OwnedNoteViewSet):
            def perform_create(self, serializer: Any) -> None:
                serializer.save(owner=self.owner, position=1 // self.third)

            @property
            def third(self) -> int:
                return len(CALLS[2:])

        serve(FailingViewSet)
        announced: list[Any] = []

        def hear(sender: Any, **kwargs: Any) -> None:
            announced.append(sender)

        got_request_exception.connect(hear)
        try:
            response = api.post("/things/bulk/", [{"text": text} for text in "abc"])
        finally:
            got_request_exception.disconnect(hear)

        assert get_statuses(response) == [500, 500, 201]
        assert CALLS == ["a", "b", "c"]
        assert len(announced) == 2
        assert in_sets == [1]

    @pytest.mark.parametrize("smallest", WAYS)
    def test_what_a_hook_asks_the_database_is_asked_in_order(
        self, api: APIClient, user: Any, serve: Serve, settings: Any, smallest: Any
    ) -> None:
        """It has to see the earlier operations; and still it is called once."""
        settings.MULTISTATUS = (
            {} if smallest == "default" else {"MIN_SET_SIZE": smallest}
        )

        class CountingViewSet(OwnedNoteViewSet):
            bulk_replayable = False

            def perform_create(self, serializer: Any) -> None:
                call(serializer.validated_data["text"])
                serializer.save(owner=self.request.user, position=Note.objects.count())

        serve(CountingViewSet)

        response = api.post("/things/bulk/", [{"text": text} for text in "abcdef"])

        assert get_statuses(response) == [201] * 6
        positions = Note.objects.order_by("pk").values_list("position", flat=True)
        assert list(positions) == list(range(6))
        assert list("abcdef") == CALLS

    @pytest.mark.parametrize("smallest", WAYS)
    def test_a_hook_that_swallows_what_is_refused(
        self, api: APIClient, user: Any, serve: Serve, settings: Any, smallest: Any
    ) -> None:
        settings.MULTISTATUS = (
            {} if smallest == "default" else {"MIN_SET_SIZE": smallest}
        )

        class SwallowingViewSet(OwnedNoteViewSet):
            bulk_replayable = True

            def perform_create(self, serializer: Any) -> None:
                serializer.save(owner=self.request.user, position=self.count)

            @property
            def count(self) -> int:
                try:
                    return Note.objects.count()
                except Exception:
                    return -1

        serve(SwallowingViewSet)

        response = api.post("/things/bulk/", [{"text": text} for text in "abcdef"])

        assert get_statuses(response) == [201] * 6
        positions = Note.objects.order_by("pk").values_list("position", flat=True)
        assert list(positions) == list(range(6))

    @pytest.mark.parametrize("is_swallowed", [False, True])
    @pytest.mark.parametrize("smallest", WAYS)
    def test_a_hook_that_writes_before_it_saves(
        self,
        api: APIClient,
        user: Any,
        serve: Serve,
        settings: Any,
        smallest: Any,
        is_swallowed: bool,
    ) -> None:
        """Django dooms the transaction of a write that fails, whoever swallows it."""
        settings.MULTISTATUS = (
            {} if smallest == "default" else {"MIN_SET_SIZE": smallest}
        )

        class SayingViewSet(OwnedNoteViewSet):
            bulk_replayable = True

            def perform_create(self, serializer: Any) -> None:
                self.say(serializer.validated_data["text"])
                serializer.save(owner=self.request.user)

            def say(self, text: str) -> None:
                try:
                    Event.objects.create(text=text)
                except Exception:
                    if not is_swallowed:
                        raise

        serve(SayingViewSet)

        response = api.post("/things/bulk/", [{"text": text} for text in "abcdef"])

        assert get_statuses(response) == [201] * 6
        for model in (Note, Event):
            texts = model._default_manager.order_by("pk").values_list("text", flat=True)
            assert list(texts) == list("abcdef")

    @pytest.mark.parametrize("is_read", [True, False])
    def test_a_hook_of_values_that_are_only_there(
        self, api: APIClient, user: Any, serve: Serve, in_sets: list[int], is_read: bool
    ) -> None:
        class PlainViewSet(OwnedNoteViewSet):
            bulk_replayable = False

            def perform_create(self, serializer: Any) -> None:
                serializer.save(owner=self.request.user, position=7)

        class ReadingViewSet(PlainViewSet):
            def perform_create(self, serializer: Any) -> None:
                serializer.save(owner=self.owner, position=7)

        serve(ReadingViewSet if is_read else PlainViewSet)

        response = api.post("/things/bulk/", [{"text": text} for text in "abc"])

        assert get_statuses(response) == [201] * 3
        assert in_sets == ([] if is_read else [3])
        assert set(Note.objects.values_list("owner", "position")) == {(user.pk, 7)}

    def test_a_hook_that_calls_is_called_beforehand_only_if_it_may_be_replayed(
        self, api: APIClient, user: Any, serve: Serve, in_sets: list[int]
    ) -> None:
        class CallingViewSet(OwnedNoteViewSet):
            bulk_replayable = False

            def perform_create(self, serializer: Any) -> None:
                call(serializer.validated_data["text"])
                serializer.save(owner=self.request.user)

        class ReplayableViewSet(CallingViewSet):
            bulk_replayable = True

        body = [{"text": text} for text in ("a", "not this", "b")]
        for viewset, sets in ((CallingViewSet, []), (ReplayableViewSet, [2])):
            CALLS.clear()
            serve(viewset)

            assert get_statuses(api.post("/things/bulk/", body)) == [201, 403, 201]
            assert CALLS == ["a", "not this", "b"]
            assert in_sets == sets

    @pytest.mark.parametrize("smallest", WAYS)
    def test_what_a_hook_reads_may_ask_the_database(
        self, api: APIClient, user: Any, serve: Serve, settings: Any, smallest: Any
    ) -> None:
        settings.MULTISTATUS = (
            {} if smallest == "default" else {"MIN_SET_SIZE": smallest}
        )

        class ReadingViewSet(OwnedNoteViewSet):
            def perform_create(self, serializer: Any) -> None:
                serializer.save(owner=self.owner, position=self.count)

            @property
            def count(self) -> int:
                Event.objects.create(text="counted")
                return Note.objects.count()

        serve(ReadingViewSet)

        response = api.post("/things/bulk/", [{"text": text} for text in "abcdef"])

        assert get_statuses(response) == [201] * 6
        positions = Note.objects.order_by("pk").values_list("position", flat=True)
        assert list(positions) == list(range(6))
        assert Event.objects.count() == 6

    def test_an_object_permission_of_each(
        self, api: APIClient, user: Any, serve: Serve, in_sets: list[int]
    ) -> None:
        class SafeIsOwner(views.IsOwner):
            bulk_safe = True

        members = {"permission_classes": [SafeIsOwner]}
        serve(type("MadeViewSet", (OwnedNoteViewSet,), members))
        mine, last = NoteFactory.create_batch(2, owner=user)
        others = NoteFactory()

        response = api.delete("/things/bulk/", [mine.pk, others.pk, last.pk])

        assert get_statuses(response) == [204, 403, 204]
        assert get_details(response)[1] == "This note belongs to somebody else."
        assert list(Note.objects.all()) == [others]
        assert in_sets == [2]
