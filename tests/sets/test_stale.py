"""Targets that were fetched before somebody wrote: each is as it is now."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, F, OuterRef, Subquery, Window
from django.db.models.functions import RowNumber
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers
from rest_framework.test import APIClient

from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory, TagFactory
from tests.sets.viewsets import count_reads, make_view
from tests.shop.models import Category, Event, Product

pytestmark = pytest.mark.django_db


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
