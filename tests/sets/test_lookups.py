"""Related rows and unique values: one query per field, and never a wrong answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory, TagFactory
from tests.shop import serializers as shop
from tests.shop.models import Category, Product

pytestmark = pytest.mark.django_db


def product(sku: str, category: Any, **more: Any) -> dict[str, Any]:
    return {"sku": sku, "name": sku, "price": "1.00", "category": category, **more}


def count_reads(queries: CaptureQueriesContext, table: str) -> int:
    """Return how many statements read a table, but for those of a relation."""
    quoted = f"FROM {connection.ops.quote_name(table)}"
    return sum(
        each["sql"].startswith("SELECT")
        and quoted in each["sql"]
        # SQLite's foreign keys are asked for by value.
        and not each["sql"].startswith("SELECT DISTINCT ")
        for each in queries.captured_queries
    )


@pytest.mark.parametrize("count", [5, 20])
def test_one_query_per_field(api: APIClient, count: int) -> None:
    categories = CategoryFactory.create_batch(3)
    tags = TagFactory.create_batch(4)
    body = [
        product(
            f"new-{index}",
            categories[index % 3].pk,
            tags=[tags[index % 4].pk, tags[(index + 1) % 4].pk],
        )
        for index in range(count)
    ]

    with CaptureQueriesContext(connection) as queries:
        response = api.post("/api/products/bulk/", body)

    assert get_statuses(response) == [201] * count
    assert count_reads(queries, "shop_category") == 1
    # One to validate, and one to show.
    assert count_reads(queries, "shop_tag") == 2
    # SQLite's next key is asked for.
    assert count_reads(queries, "shop_product") == 1 + (connection.vendor == "sqlite")


def test_a_value_claimed_in_the_batch_is_taken(api: APIClient) -> None:
    category = CategoryFactory().pk

    response = api.post(
        "/api/products/bulk/",
        [product(sku, category) for sku in ("a", "b", " a ", "a", "A", "c")],
    )

    same_case = connection.vendor == "mysql"
    assert get_statuses(response) == [
        201,
        201,
        400,
        400,
        400 if same_case else 201,
        201,
    ]
    assert get_results(response)[2]["error"]["errors"] == [
        {
            "pointer": "#/sku",
            "code": "unique",
            "detail": "product with this sku already exists.",
        }
    ]


def test_a_value_that_was_freed_is_free(api: APIClient) -> None:
    first, second = ProductFactory(sku="first"), ProductFactory(sku="second")
    category = first.category_id

    response = api.post(
        "/api/products/batch/",
        batch(
            op("POST", data=product("second", category)),
            op("PATCH", second.pk, {"sku": "third"}),
            op("POST", data=product("second", category)),
            op("DELETE", first.pk),
            op("POST", data=product("first", category)),
            op("PATCH", second.pk, {"sku": "third"}),
            op("PATCH", second.pk, {"sku": "first"}),
        ),
    )

    assert get_statuses(response) == [400, 200, 201, 204, 201, 200, 400]


def test_values_are_swapped_in_three_steps(api: APIClient) -> None:
    one, two = ProductFactory(sku="one"), ProductFactory(sku="two")

    response = api.patch(
        "/api/products/bulk/",
        [
            {"id": one.pk, "sku": "two"},
            {"id": one.pk, "sku": "x"},
            {"id": two.pk, "sku": "one"},
            {"id": one.pk, "sku": "two"},
        ],
    )

    assert get_statuses(response) == [400, 200, 200, 200]
    assert list(Product.objects.order_by("pk").values_list("sku", flat=True)) == [
        "two", "one",
    ]  # fmt: skip


def test_own_value_costs_no_query_of_its_own(api: APIClient) -> None:
    products = ProductFactory.create_batch(6)
    body = [{"id": each.pk, "sku": each.sku} for each in products]

    with CaptureQueriesContext(connection) as queries:
        response = api.patch("/api/products/bulk/", body)

    assert get_statuses(response) == [200] * 6
    # The targets, and the values; where there are locks, the targets once more, and
    # whether the order of their unique values matters.
    expected = 2 if connection.vendor == "sqlite" else 4
    assert count_reads(queries, "shop_product") == expected


def test_a_related_row_made_or_deleted_in_the_batch(
    api: APIClient, serve: Serve
) -> None:
    class Serializer(shop.CategorySerializer):
        parent = serializers.SlugRelatedField(
            slug_field="name", queryset=Category.objects.all(), required=False
        )

    class ViewSet(BulkModelViewSet):
        queryset = Category.objects.all()
        serializer_class = Serializer

    serve(ViewSet)
    old = CategoryFactory(name="old")

    response = api.post(
        "/things/batch/",
        batch(
            op("POST", data={"name": "a", "parent": "new"}),
            op("POST", data={"name": "b", "parent": "old"}),
            op("POST", data={"name": "new"}),
            op("POST", data={"name": "a", "parent": "new"}),
            op("PATCH", old.pk, {"name": "renamed"}),
            op("POST", data={"name": "c", "parent": "old"}),
            op("POST", data={"name": "d", "parent": "renamed"}),
            op("DELETE", old.pk),
            op("POST", data={"name": "e", "parent": "renamed"}),
        ),
    )

    assert get_statuses(response) == [400, 201, 201, 201, 200, 400, 201, 204, 400]


def test_a_related_row_is_not_shared_between_operations(
    api: APIClient, serve: Serve
) -> None:
    class ViewSet(BulkModelViewSet):
        queryset = Product.objects.all()
        serializer_class = shop.ProductSerializer

        def perform_create(self, serializer: Any) -> None:
            category = serializer.validated_data["category"]
            seen.append(category.name)
            category.name = "changed, and not saved"
            serializer.save()

    seen: list[str] = []
    serve(ViewSet)
    category = CategoryFactory(name="as it is").pk

    response = api.post(
        "/things/bulk/", [product(sku, category) for sku in ("a", "b", "c")]
    )

    assert get_statuses(response) == [201] * 3
    assert seen == ["as it is"] * 3


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (True, "incorrect_type"),
        ({"a": 1}, "incorrect_type"),
        ([1], "incorrect_type"),
        (None, "null"),
        ("x", "incorrect_type"),
        (10**30, "does_not_exist"),
        (-1, "does_not_exist"),
        ("", "null"),
    ],
)
def test_hostile_values_are_answered_as_singly(
    api: APIClient, value: Any, code: str
) -> None:
    category = CategoryFactory()
    bodies = [product("a", value), product("b", category.pk), product("c", value)]
    single = api.post("/api/products/", bodies[0])

    response = api.post("/api/products/bulk/", bodies)

    assert get_statuses(response) == [400, 201, 400]
    for result in (get_results(response)[0], get_results(response)[2]):
        (error,) = result["error"]["errors"]
        assert error["code"] == code
        assert [error["detail"]] == single.json()["category"]


def test_text_of_a_number_finds_the_row(api: APIClient) -> None:
    category = CategoryFactory()
    keys = [category.pk, str(category.pk), f" {category.pk} ", float(category.pk)]

    response = api.post(
        "/api/products/bulk/",
        [product(f"s{index}", key) for index, key in enumerate(keys)],
    )

    singly = [
        api.post("/api/products/", product(f"t{index}", key)).status_code
        for index, key in enumerate(keys)
    ]
    assert get_statuses(response) == singly


class LowerField(models.CharField):  # type: ignore[type-arg]  # as projects do
    """Is lower case in the database, whatever is asked for."""

    def get_prep_value(self, value: Any) -> Any:
        """Lower it."""
        value = super().get_prep_value(value)
        return value.lower() if isinstance(value, str) else value


class LowerEvent(models.Model):
    """Events as they would be with such a field."""

    text = LowerField(max_length=200, unique=True)

    class Meta:
        app_label = "lower"
        managed = False
        db_table = "shop_event"

    def __str__(self) -> str:
        return str(self.text)


class LowerSerializer(serializers.ModelSerializer[LowerEvent]):
    """Stock."""

    class Meta:
        model = LowerEvent
        fields = ["id", "text"]


def test_a_field_that_changes_its_value_asks_the_database(
    api: APIClient, serve: Serve
) -> None:
    class LowerViewSet(BulkModelViewSet):
        queryset = LowerEvent.objects.all()
        serializer_class = LowerSerializer
        lookup_field = "text"

    serve(LowerViewSet)
    LowerEvent.objects.create(text="abc")
    single = api.post("/things/", {"text": "ABC"})

    response = api.post(
        "/things/bulk/", [{"text": "ABC"}, {"text": "x"}, {"text": "X"}, {"text": "y"}]
    )
    found = api.get("/things/ABC/").status_code
    deleted = api.delete("/things/bulk/", ["ABC", "X"])

    assert single.status_code == 400
    assert get_statuses(response) == [400, 201, 400, 201]
    assert found == 200
    assert get_statuses(deleted) == [204, 204]


def test_a_lent_relation_has_the_ways_of_a_queryset(
    api: APIClient, serve: Serve
) -> None:
    class LookingSerializer(serializers.ModelSerializer[Category]):
        parent = serializers.PrimaryKeyRelatedField(
            queryset=Category.objects.order_by("pk"), required=False
        )

        class Meta:
            model = Category
            fields = ["id", "name", "parent"]

        def validate(self, attrs: Any) -> Any:
            queryset: Any = self.fields["parent"].queryset  # type: ignore[attr-defined]
            rows = list(Category.objects.order_by("pk"))
            assert list(queryset) == rows
            assert len(queryset) == len(rows) == queryset.count()
            assert bool(queryset)
            assert queryset[0] == rows[0]
            assert list(queryset[:1]) == rows[:1]
            if attrs["parent"] not in queryset:
                raise serializers.ValidationError("Not one of ours.")
            return attrs

    class LookingViewSet(BulkModelViewSet):
        queryset = Category.objects.all()
        serializer_class = LookingSerializer

    serve(LookingViewSet)
    parent = CategoryFactory().pk

    single = api.post("/things/", {"name": "single", "parent": parent})
    response = api.post(
        "/things/bulk/", [{"name": f"n{i}", "parent": parent} for i in range(3)]
    )

    assert single.status_code == 201
    assert get_statuses(response) == [201, 201, 201]
