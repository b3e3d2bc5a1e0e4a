"""All targets in one query, and never one that a query of its own would not return."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, F, OuterRef, Subquery, Window
from django.db.models.functions import RowNumber
from django.db.models.signals import post_save
from django.shortcuts import get_object_or_404
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory, TagFactory
from tests.shop import serializers as shop
from tests.shop.models import Category, Event, Parcel, Product

pytestmark = pytest.mark.django_db


def make_view(**members: Any) -> Any:
    """Return a viewset of products."""
    stock = {
        "queryset": Product.objects.all(),
        "serializer_class": shop.ProductSerializer,
    }
    return type("MadeViewSet", (BulkModelViewSet,), stock | members)


def count_reads(queries: CaptureQueriesContext, table: str) -> int:
    """Return how many statements read rows of a table."""
    quoted = connection.ops.quote_name(table)
    return sum(
        each["sql"].startswith("SELECT") and f"FROM {quoted}" in each["sql"]
        for each in queries.captured_queries
    )


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/categories/bulk/", "put"),
        ("/api/categories/bulk/", "patch"),
        ("/api/parcels/bulk/", "put"),
        ("/api/parcels/bulk/", "patch"),
        ("/api/parcels/bulk/", "delete"),
    ],
)
def test_one_query_for_all_targets(api: APIClient, method: str, path: str) -> None:
    if "parcels" in path:
        rows: list[Any] = [Parcel.objects.create(label=f"p{i}") for i in range(6)]
        table, field = "shop_parcel", "label"
    else:
        rows, table, field = CategoryFactory.create_batch(6), "shop_category", "name"
    body: list[Any] = [str(each.pk) for each in rows]
    if method != "delete":
        body = [{"id": str(each.pk), field: f"n{i}"} for i, each in enumerate(rows)]

    with CaptureQueriesContext(connection) as queries:
        response = getattr(api, method)(path, body)

    assert get_statuses(response) == [204 if method == "delete" else 200] * 6
    quote = connection.ops.quote_name
    key = f"{quote(table)}.{quote('id')}"
    selects = [each["sql"] for each in queries if each["sql"].startswith("SELECT")]
    fetches = [
        sql
        for sql in selects
        if f" {key} IN (" in sql or f" {key} = ANY(" in sql
        # Whether the order of unique values matters is another question.
        if f".{quote(field)}" in sql and f" AS {quote(field)}" not in sql
    ]
    assert len(fetches) == 1
    singly = [
        sql
        for sql in selects
        if f"WHERE {key} = " in sql and f"{key} = ANY(" not in sql
    ]
    assert singly == []


def test_one_query_by_slug(api: APIClient) -> None:
    products = ProductFactory.create_batch(4)
    body = [{"sku": each.sku, "stock": 7} for each in products]

    with CaptureQueriesContext(connection) as queries:
        response = api.patch("/api/skus/bulk/", body)

    assert get_statuses(response) == [200] * 4
    assert [each["href"] for each in get_results(response)] == [
        f"/api/skus/{each.sku}/" for each in products
    ]
    name = connection.ops.quote_name
    wanted = f"WHERE {name('shop_product')}.{name('sku')} = "
    assert not [
        each for each in queries if wanted in each["sql"] and "LIMIT 21" in each["sql"]
    ]


def test_missing_hostile_and_repeated_keys(api: APIClient) -> None:
    one, two = CategoryFactory.create_batch(2)
    keys = [
        one.pk, "no number", 10**30, -1, "", "a/b", "\0", "1.5", " 0", str(two.pk),
        one.pk,
    ]  # fmt: skip

    response = api.delete("/api/categories/bulk/", keys)

    assert get_statuses(response) == [204, *[404] * 7, 404, 204, 404]
    assert not Category.objects.exists()


def test_uuid_keys_in_every_spelling(api: APIClient) -> None:
    rows = [Parcel.objects.create(label=f"p{i}") for i in range(3)]
    keys = [str(rows[0].pk), rows[1].pk.hex, str(rows[2].pk).upper(), "not a uuid"]

    response = api.delete("/api/parcels/bulk/", keys)

    assert get_statuses(response) == [204, 204, 204, 404]


def test_key_in_another_case(api: APIClient) -> None:
    """Found only where the database's own comparison finds it."""
    ProductFactory(sku="abc")
    ProductFactory(sku="xyz")

    response = api.patch(
        "/api/skus/bulk/", [{"sku": "ABC", "stock": 1}, {"sku": "xyz", "stock": 1}]
    )

    found = Product.objects.filter(sku="ABC").exists()
    assert get_statuses(response) == [200 if found else 404, 200]


def test_lookup_that_folds_case(api: APIClient, serve: Serve) -> None:
    rows = [ProductFactory(sku=name) for name in ("abc", "def")]
    serve(make_view(lookup_field="sku__iexact", lookup_url_kwarg="sku"))

    response = api.delete("/things/bulk/", ["ABC", "Def", "ghi"])

    assert get_statuses(response) == [204, 204, 404]
    assert not Product.objects.filter(pk__in=[each.pk for each in rows]).exists()


def test_lookup_through_a_relation(api: APIClient, serve: Serve) -> None:
    rows = [ProductFactory(category__name=name) for name in ("abc", "def")]
    serve(make_view(lookup_field="category__name", lookup_url_kwarg="name"))

    response = api.delete("/things/bulk/", ["abc", "nobody", "def"])

    assert get_statuses(response) == [204, 404, 204]
    assert not Product.objects.filter(pk__in=[each.pk for each in rows]).exists()


def test_lookup_that_finds_two_fails_as_the_single_endpoint_does(
    api: APIClient, serve: Serve
) -> None:
    for name in ("one", "two", "two"):
        ProductFactory(name=name)
    serve(make_view(lookup_field="name"))

    response = api.delete("/things/bulk/", ["one", "two"])

    assert api.delete("/things/two/").status_code == 500
    assert get_statuses(response) == [204, 500]


def test_row_that_a_join_doubles(api: APIClient, serve: Serve) -> None:
    one, two = ProductFactory.create_batch(2)
    two.tags.set(TagFactory.create_batch(2))
    one.tags.set([TagFactory()])
    serve(make_view(queryset=Product.objects.filter(tags__isnull=False)))

    response = api.delete("/things/bulk/", [one.pk, two.pk])

    assert get_statuses(response) == [204, 500]


class TestStale:
    """What an earlier operation wrote is seen by the later ones."""

    def test_the_same_row_twice(self, api: APIClient) -> None:
        product = ProductFactory(name="old", stock=1)

        response = api.patch(
            "/api/products/bulk/",
            [{"id": product.pk, "stock": 5}, {"id": product.pk, "name": "new"}],
        )

        assert get_statuses(response) == [200, 200]
        product.refresh_from_db()
        assert (product.name, product.stock) == ("new", 5)

    def test_the_same_row_after_a_failure_that_changed_the_instance(
        self, api: APIClient, serve: Serve
    ) -> None:
        def perform_update(self: Any, serializer: Any) -> None:
            serializer.save()
            if serializer.instance.name == "fail":
                raise RuntimeError("late")

        serve(make_view(perform_update=perform_update))
        one, two = ProductFactory.create_batch(2, name="old", stock=1)

        response = api.patch(
            "/things/bulk/",
            [
                {"id": one.pk, "name": "fail", "stock": 9},
                {"id": two.pk, "name": "fail"},
                {"id": one.pk, "price": "2.00"},
            ],
        )

        assert get_statuses(response) == [500, 500, 200]
        one.refresh_from_db()
        assert (one.name, one.stock) == ("old", 1)

    @pytest.mark.parametrize("how", ["save", "update", "expression", "raw", "bulk"])
    def test_a_sibling_that_a_hook_writes(
        self, api: APIClient, serve: Serve, how: str
    ) -> None:
        one, two = ProductFactory.create_batch(2, stock=1)

        def perform_update(self: Any, serializer: Any) -> None:
            serializer.save()
            if serializer.instance.pk != one.pk:
                return
            sibling = Product.objects.filter(pk=two.pk)
            if how == "save":
                row = sibling.get()
                row.stock = 8
                row.save()
            elif how == "update":
                sibling.update(stock=8)
            elif how == "expression":
                Product.objects.update(stock=F("stock") + 7)
            elif how == "raw":
                with connection.cursor() as cursor:
                    cursor.execute("update shop_product set stock = 8")
            else:
                row = sibling.get()
                row.stock = 8
                Product.objects.bulk_update([row], ["stock"])

        serve(make_view(perform_update=perform_update))

        response = api.patch(
            "/things/bulk/",
            [{"id": one.pk, "name": "one"}, {"id": two.pk, "name": "two"}],
        )

        assert get_statuses(response) == [200, 200]
        two.refresh_from_db()
        assert (two.name, two.stock) == ("two", 8)
        assert get_results(response)[1]["data"]["stock"] == 8

    def test_a_sibling_that_a_signal_writes(self, api: APIClient) -> None:
        one, two = ProductFactory.create_batch(2, stock=1)

        def spread(sender: Any, instance: Product, **kwargs: Any) -> None:
            Product.objects.exclude(pk=instance.pk).update(stock=instance.stock)

        post_save.connect(spread, sender=Product)
        try:
            response = api.patch(
                "/api/products/bulk/",
                [{"id": one.pk, "stock": 6}, {"id": two.pk, "name": "two"}],
            )
        finally:
            post_save.disconnect(spread, sender=Product)

        assert get_statuses(response) == [200, 200]
        assert set(Product.objects.values_list("stock", flat=True)) == {6}

    def test_a_row_that_a_cascade_deleted(self, api: APIClient) -> None:
        parent = CategoryFactory()
        child = CategoryFactory(parent=parent)

        response = api.post(
            "/api/categories/batch/",
            batch(
                op("PATCH", parent.pk, {"name": "p"}),
                op("PATCH", child.pk, {"name": "c"}),
                op("DELETE", parent.pk),
                op("PATCH", child.pk, {"name": "ghost"}),
                op("PATCH", parent.pk, {"name": "ghost"}),
                op("DELETE", child.pk),
            ),
        )

        assert get_statuses(response) == [200, 200, 204, 404, 404, 404]
        assert not Category.objects.exists()

    def test_keys_that_change_hands(self, api: APIClient) -> None:
        one, two = ProductFactory(sku="a", name="one"), ProductFactory(sku="b")

        response = api.post(
            "/api/skus/batch/",
            batch(
                op("PATCH", "b", {"sku": "c"}),
                op("PATCH", "a", {"sku": "b"}),
                op("PATCH", "b", {"stock": 4}),
                op("PATCH", "a", {"stock": 5}),
                op("PATCH", "c", {"stock": 6}),
            ),
        )

        assert get_statuses(response) == [200, 200, 200, 404, 200]
        assert [each.get("href") for each in get_results(response)] == [
            "/api/skus/c/", "/api/skus/b/", "/api/skus/b/", None, "/api/skus/c/",
        ]  # fmt: skip
        one.refresh_from_db()
        two.refresh_from_db()
        assert (one.stock, two.stock) == (4, 6)

    def test_a_row_that_leaves_the_queryset(self, api: APIClient, serve: Serve) -> None:
        one, two = ProductFactory.create_batch(2, stock=1)

        def perform_destroy(self: Any, instance: Product) -> None:
            instance.delete()
            Product.objects.filter(pk=two.pk).update(stock=0)

        serve(
            make_view(
                queryset=Product.objects.filter(stock__gt=0),
                perform_destroy=perform_destroy,
            )
        )

        response = api.delete("/things/bulk/", [one.pk, two.pk])

        assert get_statuses(response) == [204, 404]

    def test_a_joined_table(self, api: APIClient, serve: Serve) -> None:
        category = CategoryFactory(name="open")
        one, two = ProductFactory.create_batch(2, category=category)

        def perform_update(self: Any, serializer: Any) -> None:
            product = serializer.save()
            Category.objects.filter(pk=product.category_id).update(name="closed")

        serve(
            make_view(
                queryset=Product.objects.filter(category__name="open"),
                perform_update=perform_update,
            )
        )

        response = api.patch(
            "/things/bulk/", [{"id": one.pk, "stock": 2}, {"id": two.pk, "stock": 2}]
        )

        assert get_statuses(response) == [200, 404]

    @pytest.mark.parametrize(
        "count",
        [
            Count("children"),
            Subquery(
                Category.objects.filter(parent=OuterRef("pk"))
                .values("parent")
                .annotate(n=Count("*"))
                .values("n")
            ),
        ],
        ids=["self join", "subquery"],
    )
    def test_an_annotation_over_the_same_table(
        self, api: APIClient, serve: Serve, count: Any
    ) -> None:
        class CountSerializer(serializers.ModelSerializer[Category]):
            number = serializers.IntegerField(read_only=True)

            class Meta:
                model = Category
                fields = ["id", "name", "parent", "number"]

        queryset = Category.objects.annotate(number=count).order_by("pk")
        serve(make_view(queryset=queryset, serializer_class=CountSerializer))
        parent, child, orphan = CategoryFactory.create_batch(3)
        child.parent = parent
        child.save()

        response = api.patch(
            "/things/bulk/",
            [{"id": orphan.pk, "parent": parent.pk}, {"id": parent.pk, "name": "p"}],
        )

        assert get_statuses(response) == [200, 200]
        assert get_results(response)[1]["data"]["number"] == 2

    def test_a_window_sees_one_row_at_a_time(
        self, api: APIClient, serve: Serve
    ) -> None:
        class RankSerializer(serializers.ModelSerializer[Category]):
            rank = serializers.IntegerField(read_only=True)

            class Meta:
                model = Category
                fields = ["id", "name", "rank"]

        rank = Window(RowNumber(), order_by="pk")
        serve(
            make_view(
                queryset=Category.objects.annotate(rank=rank),
                serializer_class=RankSerializer,
            )
        )
        rows = CategoryFactory.create_batch(2)

        single = api.patch(f"/things/{rows[1].pk}/", {"name": "x"})
        response = api.patch(
            "/things/bulk/", [{"id": each.pk, "name": f"n{each.pk}"} for each in rows]
        )

        assert single.json()["rank"] == 1
        assert [each["data"]["rank"] for each in get_results(response)] == [1, 1]

    def test_a_database_view_reads_tables_that_nobody_knows(
        self, api: APIClient, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After any write its rows are fetched again."""
        monkeypatch.setattr(Product._meta, "managed", False)
        rows = ProductFactory.create_batch(3)

        def perform_destroy(self: Any, instance: Product) -> None:
            Event.objects.create(text=instance.sku)

        serve(make_view(perform_destroy=perform_destroy))

        with CaptureQueriesContext(connection) as queries:
            api.delete("/things/bulk/", [each.pk for each in rows])

        assert count_reads(queries, "shop_product") == 3

    def test_a_prefetch(self, api: APIClient, serve: Serve) -> None:
        one, two = ProductFactory.create_batch(2)
        tag = TagFactory()

        def perform_update(self: Any, serializer: Any) -> None:
            serializer.save()
            two.tags.add(tag)

        serve(
            make_view(
                queryset=Product.objects.prefetch_related("tags"),
                perform_update=perform_update,
            )
        )

        response = api.patch(
            "/things/bulk/", [{"id": one.pk, "stock": 2}, {"id": two.pk, "stock": 2}]
        )

        assert get_results(response)[1]["data"]["tags"] == [tag.pk]

    def test_a_hook_that_fetches_the_old_state(
        self, api: APIClient, serve: Serve
    ) -> None:
        """`get_object()` twice gives two instances, as it does singly."""

        def perform_update(self: Any, serializer: Any) -> None:
            old = self.get_object()
            new = serializer.save()
            Event.objects.create(text=f"{old.stock} → {new.stock}")

        serve(make_view(perform_update=perform_update))
        rows = ProductFactory.create_batch(2, stock=1)

        api.patch("/things/bulk/", [{"id": each.pk, "stock": 2} for each in rows])

        assert [each.text for each in Event.objects.all()] == ["1 → 2", "1 → 2"]


class TestQuerysets:
    """A queryset that is not the same for all operations is asked for each."""

    @pytest.fixture
    def rows(self) -> list[Product]:
        """Return two products, of which the first has stock."""
        return [ProductFactory(stock=5), ProductFactory(stock=0)]

    @pytest.mark.parametrize(
        "get_key",
        [
            lambda self: self.kwargs["pk"],
            lambda self: self.kwargs.get("pk"),
            lambda self: dict(self.kwargs)["pk"],
            lambda self: (lambda pk: pk)(**self.kwargs),
            lambda self: next(iter(self.kwargs.values())),
            lambda self: (self.kwargs | {})["pk"],
            lambda self: {**self.kwargs}["pk"],
            lambda self: self.kwargs.setdefault("pk", None),
            lambda self: self.request.data["id"],
            lambda self: self.request.parser_context["kwargs"]["pk"],
        ],
    )
    def test_a_queryset_that_reads_the_key(
        self, api: APIClient, serve: Serve, rows: list[Product], get_key: Any
    ) -> None:
        def get_queryset(self: Any) -> Any:
            if int(get_key(self)) == rows[1].pk:
                return Product.objects.none()
            return Product.objects.all()

        serve(make_view(get_queryset=get_queryset))

        response = api.patch(
            "/things/bulk/", [{"id": each.pk, "name": "x"} for each in rows]
        )

        assert get_statuses(response) == [200, 404]

    def test_a_queryset_that_asks_the_database(
        self, api: APIClient, serve: Serve, rows: list[Product]
    ) -> None:
        def get_queryset(self: Any) -> Any:
            names = list(Event.objects.values_list("text", flat=True))
            return Product.objects.exclude(name__in=names)

        def perform_update(self: Any, serializer: Any) -> None:
            serializer.save()
            Event.objects.create(text=rows[1].name)

        serve(make_view(get_queryset=get_queryset, perform_update=perform_update))

        response = api.patch(
            "/things/bulk/", [{"id": each.pk, "stock": 1} for each in rows]
        )

        assert get_statuses(response) == [200, 404]

    def test_a_queryset_that_raises_does_so_for_each(
        self, api: APIClient, serve: Serve, rows: list[Product]
    ) -> None:
        def get_queryset(self: Any) -> Any:
            raise serializers.ValidationError("Choose a tenant.")

        serve(make_view(get_queryset=get_queryset))

        response = api.delete("/things/bulk/", [each.pk for each in rows])

        assert get_statuses(response) == [400, 400]

    def test_another_get_object(
        self, api: APIClient, serve: Serve, rows: list[Product]
    ) -> None:
        def get_object(self: Any) -> Any:
            return Product.objects.get(sku=self.kwargs["pk"])

        serve(make_view(get_object=get_object))

        response = api.delete("/things/bulk/", [rows[0].sku, rows[1].sku])

        assert get_statuses(response) == [204, 204]

    def test_filters_of_the_query_apply(
        self, api: APIClient, rows: list[Product]
    ) -> None:
        response = api.patch(
            f"/api/products/bulk/?category={rows[0].category_id}",
            [{"id": each.pk, "stock": 1} for each in rows],
        )

        assert get_statuses(response) == [200, 404]

    def test_the_parent_in_the_url_applies(
        self, api: APIClient, rows: list[Product]
    ) -> None:
        response = api.patch(
            f"/nested/categories/{rows[0].category_id}/products/bulk/",
            [{"id": each.pk, "stock": 1} for each in rows],
        )

        assert get_statuses(response) == [200, 404]
        assert get_results(response)[0]["href"] == (
            f"/nested/categories/{rows[0].category_id}/products/{rows[0].pk}/"
        )


def test_targets_are_not_fetched_after_the_operation_wrote(
    api: APIClient, serve: Serve
) -> None:
    """What they look like then may be rolled back with it."""
    one, two = ProductFactory.create_batch(2, stock=1)

    def initial(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        BulkModelViewSet.initial(self, request, *args, **kwargs)
        if self.action == "partial_update" and request.data["name"] == "":
            Product.objects.filter(pk=two.pk).update(stock=99)

    serve(make_view(initial=initial))

    response = api.patch(
        "/things/bulk/", [{"id": one.pk, "name": ""}, {"id": two.pk, "name": "two"}]
    )

    assert get_statuses(response) == [400, 200]
    two.refresh_from_db()
    assert (two.name, two.stock) == ("two", 1)


def test_what_get_queryset_notes_on_the_view_is_there_for_each(
    api: APIClient, serve: Serve
) -> None:
    def get_queryset(self: Any) -> Any:
        self.tenant = "acme"
        return Product.objects.all()

    def perform_update(self: Any, serializer: Any) -> None:
        serializer.save(name=f"{serializer.validated_data['name']} of {self.tenant}")

    def perform_destroy(self: Any, instance: Any) -> None:
        Event.objects.create(text=self.tenant)
        instance.delete()

    serve(
        make_view(
            get_queryset=get_queryset,
            perform_update=perform_update,
            perform_destroy=perform_destroy,
        )
    )
    rows = ProductFactory.create_batch(4)

    patched = api.patch(
        "/things/bulk/", [{"id": each.pk, "name": "x"} for each in rows]
    )
    deleted = api.delete("/things/bulk/", [each.pk for each in rows])

    assert get_statuses(patched) == [200] * 4
    assert {each["data"]["name"] for each in get_results(patched)} == {"x of acme"}
    assert get_statuses(deleted) == [204] * 4


@pytest.mark.skipif(
    not connection.features.has_select_for_update,
    reason="The database has no row locks.",
)
def test_what_is_compared_is_locked_whoever_fetches_it(
    api: APIClient, serve: Serve
) -> None:
    def get_object(self: Any) -> Any:
        return get_object_or_404(Product, pk=self.kwargs["pk"])

    serve(make_view(get_object=get_object))
    product = ProductFactory()

    with CaptureQueriesContext(connection) as queries:
        response = api.post(
            "/things/batch/",
            batch(op("PATCH", product.pk, {"name": "new"}, if_match="*")),
        )

    assert get_statuses(response) == [200]
    locks = [each["sql"] for each in queries if "FOR UPDATE" in each["sql"]]
    assert len(locks) == 1
    assert "shop_product" in locks[0]
