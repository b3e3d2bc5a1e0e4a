"""Operations run by their own action: their look-ups are shared, and never stale."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers
from rest_framework.test import APIClient
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_results, get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory
from tests.shop import serializers as shop
from tests.shop.models import Category, Chapter, Event, Product, Section, Tag

pytestmark = pytest.mark.django_db(transaction=True)

needs_exact = pytest.mark.skipif(
    connection.vendor == "mysql", reason="Text is compared inexactly."
)


class ProductViewSet(BulkModelViewSet):
    """Its hook does something that no set can do."""

    queryset = Product.objects.all()
    serializer_class = shop.ProductSerializer

    def perform_create(self, serializer: Any) -> None:
        """Save, and act on the name."""
        self.act(serializer.save())

    perform_update = perform_create

    def act(self, product: Product) -> None:
        """Do nothing that is looked up."""
        Event.objects.create(text=product.name)


def make_body(*skus: str, category: Category, **more: Any) -> list[dict[str, Any]]:
    return [
        {"sku": sku, "name": sku, "price": "1.00", "category": category.pk, **more}
        for sku in skus
    ]


def count_reads(api: APIClient, body: Any) -> dict[str, int]:
    """Send creates that succeed. Return how many statements read each table."""
    with CaptureQueriesContext(connection) as queries:
        response = api.post("/things/bulk/", body)
    assert get_statuses(response) == [201] * len(body), response.data
    quote = connection.ops.quote_name
    return {
        model.__name__: sum(
            each["sql"].startswith("SELECT")
            # SQLite's foreign keys are asked for by value.
            and not each["sql"].startswith("SELECT DISTINCT ")
            and f"FROM {quote(model._meta.db_table)}" in each["sql"]
            for each in queries.captured_queries
        )
        for model in (Category, Product)
    }


@needs_exact
@pytest.mark.parametrize("count", [5, 30])
def test_one_query_per_field(api: APIClient, serve: Serve, count: int) -> None:
    serve(ProductViewSet)
    skus = [f"new-{number}" for number in range(count)]

    reads = count_reads(api, make_body(*skus, category=CategoryFactory()))

    assert reads == {"Category": 1, "Product": 1}


def test_few_operations_read_for_themselves(api: APIClient, serve: Serve) -> None:
    serve(ProductViewSet)

    reads = count_reads(api, make_body("a", "b", category=CategoryFactory()))

    assert reads == {"Category": 2, "Product": 2}


def test_values_that_operations_take(api: APIClient, serve: Serve) -> None:
    serve(ProductViewSet)
    ProductFactory(sku="old")
    skus = ("a", "old", "a", "b", " b ", "c")

    response = api.post("/things/bulk/", make_body(*skus, category=CategoryFactory()))

    assert get_statuses(response) == [201, 400, 400, 201, 400, 201]


def test_values_that_operations_free(api: APIClient, serve: Serve) -> None:
    serve(ProductViewSet)
    first = ProductFactory(sku="a")
    others = ProductFactory.create_batch(4)
    skus = ["z", "a", "y", "y", "x"]
    body = [
        {"id": each.pk, "sku": sku}
        for each, sku in zip([first, *others], skus, strict=True)
    ]

    response = api.patch("/things/bulk/", body)

    assert get_statuses(response) == [200, 200, 200, 400, 200]


class MeddlingViewSet(ProductViewSet):
    """Writes other rows of the tables that are looked up."""

    def act(self, product: Product) -> None:
        """Take a value, take one and give it back, or change a related row."""
        more = {"price": 1, "category": product.category}
        if product.name == "take":
            Product.objects.create(sku="later", **more)
        if product.name == "give back":
            with transaction.atomic():
                Product.objects.create(sku="later", **more)
                transaction.set_rollback(True)
        if product.name == "raw":
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO shop_product "
                    "(sku, name, price, stock, category_id, attributes) "
                    "SELECT 'later', '', 1, 0, id, '{}' "
                    "FROM shop_category WHERE id = %s",
                    [product.category_id],
                )
        if product.name == "drop":
            Category.objects.filter(name="unused").delete()


@pytest.mark.parametrize(
    ("name", "status"), [("take", 400), ("give back", 201), ("raw", 400)]
)
def test_values_that_hooks_take(
    api: APIClient, serve: Serve, name: str, status: int
) -> None:
    serve(MeddlingViewSet)
    body = make_body("a", "b", "later", "c", category=CategoryFactory())
    body[0]["name"] = name

    response = api.post("/things/bulk/", body)

    assert get_statuses(response) == [201, 201, status, 201]


def test_rows_that_hooks_delete(api: APIClient, serve: Serve) -> None:
    serve(MeddlingViewSet)
    kept, unused = CategoryFactory(), CategoryFactory(name="unused")
    body = make_body("a", "b", "c", category=kept)
    body[1:1] = make_body("x", category=unused)
    body += make_body("y", category=unused)
    body[2]["name"] = "drop"
    body[1]["sku"] = "not a slug"

    response = api.post("/things/bulk/", body)

    assert get_statuses(response) == [201, 400, 201, 201, 400]
    assert "does not exist" in str(get_results(response)[4])


class TestRelatedRow:
    """Each operation has a related row of its own."""

    def test_is_not_shared(self, api: APIClient, serve: Serve) -> None:
        class Renaming(ProductViewSet):
            def act(self, product: Product) -> None:
                category = product.category
                seen.append((category.name, getattr(category, "note", None)))
                category.name = category.note = "changed"

        seen: list[Any] = []
        serve(Renaming)
        category = CategoryFactory(name="as it is")

        api.post("/things/bulk/", make_body(*"abcd", category=category))

        assert seen == [("as it is", None)] * 4

    def test_is_as_the_last_operation_left_it(
        self, api: APIClient, serve: Serve
    ) -> None:
        class Counting(ProductViewSet):
            def act(self, product: Product) -> None:
                product.category.name += "I"
                product.category.save()

        serve(Counting)
        category = CategoryFactory(name="")

        api.post("/things/bulk/", make_body(*"abcd", category=category))

        category.refresh_from_db()
        assert category.name == "IIII"


class UntaggedSerializer(shop.ProductSerializer):
    """Its names are no tag's."""

    name = serializers.CharField(validators=[UniqueValidator(Tag.objects.all())])

    class Meta(shop.ProductSerializer.Meta):
        fields = ["sku", "name", "price", "category"]


class TagRouter:
    """Keeps tags in the other database."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """Read tags there."""
        return "other" if model is Tag else None

    db_for_write = db_for_read


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_another_database_is_asked_each_time(
    api: APIClient, serve: Serve, settings: Any
) -> None:
    """Writes there are not seen."""

    class Writing(ProductViewSet):
        serializer_class = UntaggedSerializer

        def act(self, product: Product) -> None:
            Tag.objects.create(name=product.name)

    settings.DATABASE_ROUTERS = ["tests.strategies.test_shared_lookups.TagRouter"]
    serve(Writing)
    body = make_body(*"abcde", category=CategoryFactory())
    body[4]["name"] = "a"

    response = api.post("/things/bulk/", body)

    assert get_statuses(response) == [201, 201, 201, 201, 400]


class CategoryManager(models.Manager[Category]):
    """Overrides a method, and filters nothing."""

    def get_queryset(self) -> Any:
        """Return all rows."""
        return super().get_queryset()


def test_a_relation_by_a_manager(api: APIClient, serve: Serve) -> None:
    manager: Any = CategoryManager()
    manager.model = Category

    class Serializer(shop.ProductSerializer):
        category = serializers.PrimaryKeyRelatedField(queryset=manager)

    class Viewset(ProductViewSet):
        serializer_class = Serializer

    serve(Viewset)
    body = make_body(*"abcde", category=CategoryFactory())

    response = api.post("/things/bulk/", body)

    assert get_statuses(response) == [201] * 5


class TestOwnCode:
    """Code of the project that looks at fields and validators finds DRF's."""

    def test_drops_the_validators_of_unique_pairs(
        self, api: APIClient, serve: Serve
    ) -> None:
        class Serializer(serializers.ModelSerializer[Chapter]):
            class Meta:
                model = Chapter
                fields = ["slug", "title", "section", "position"]

            def run_validators(self, value: Any) -> None:
                found.append(
                    sum(
                        isinstance(each, UniqueTogetherValidator)
                        for each in self.validators
                    )
                )

        class Viewset(ProductViewSet):
            queryset = Chapter.objects.all()
            serializer_class = Serializer

        found: list[int] = []
        Viewset.act = lambda self, chapter: None
        serve(Viewset)
        section = Section.objects.create(name="s")
        body = [
            {"slug": f"s{n}", "title": "t", "section": section.pk, "position": n // 2}
            for n in range(6)
        ]

        response = api.post("/things/bulk/", body)

        assert found == [1] * 6
        assert get_statuses(response) == [201, 409, 201, 409, 201, 409]

    def test_combines_the_queryset_of_a_relation(
        self, api: APIClient, serve: Serve
    ) -> None:
        class Serializer(shop.ProductSerializer):
            category = serializers.PrimaryKeyRelatedField(
                queryset=Category.objects.all()
            )

        class Viewset(ProductViewSet):
            serializer_class = Serializer

            def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
                made: Any = super().get_serializer(*args, **kwargs)
                rows = made.fields["category"].queryset
                chosen = Category.objects.filter(name="chosen")
                made.fields["category"].queryset = (rows & chosen) | (chosen & rows)
                return made

        serve(Viewset)
        body = make_body(*"abc", category=CategoryFactory(name="chosen"))
        body += make_body(*"xyz", category=CategoryFactory(name="other"))

        response = api.post("/things/bulk/", body)

        assert get_statuses(response) == [201, 201, 201, 400, 400, 400]


@needs_exact
def test_a_replayed_group_reads_for_itself(api: APIClient, serve: Serve) -> None:
    class Replayable(ProductViewSet):
        bulk_replayable = True

        def act(self, product: Product) -> None:
            Event.objects.create(text=product.name)
            if product.name == "bad":
                raise ValueError

    serve(Replayable)
    body = make_body("a", "bad", "b", "a", "c", category=CategoryFactory())

    response = api.post("/things/bulk/", body)

    assert get_statuses(response) == [201, 500, 201, 400, 201]
