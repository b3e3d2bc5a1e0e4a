"""What answers 2xx is kept; what does not left no trace."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, models, transaction
from django.db.models.signals import post_save
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_details, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory, TagFactory, UserFactory
from tests.shop import serializers as shop
from tests.shop import views
from tests.shop.models import Category, Event, Note, Product, Review, Shipment

FOREIGN_KEY = "The database refused it: it would break a foreign key constraint."
UNIQUE = "The database refused it: it would break a unique constraint."
CHECK = "The database refused it: it would break a check constraint."
UNEXPECTED = "An unexpected error occurred; it is logged."

pytestmark = pytest.mark.django_db


def get_product(**members: Any) -> dict[str, Any]:
    """Return the representation of a product that is not there yet."""
    return {"sku": "new", "name": "New", "price": "1.00"} | members


class HookViewSet(BulkModelViewSet):
    """Does what the name of the category asks for, after it is saved."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer

    def perform_create(self, serializer: Any) -> None:
        """Save, then act."""
        category = serializer.save()
        getattr(self, f"do_{category.name.replace(' ', '_')}", lambda _: None)(category)

    def do_raw_orphan(self, category: Category) -> None:
        """Point at a parent that is not there, in SQL that no form fits."""
        with connection.cursor() as cursor:
            cursor.execute(
                "update shop_category set parent_id = 999999 where id = %s",
                [category.pk],
            )

    def do_expression_orphan(self, category: Category) -> None:
        """Point at a parent that is not there, through an expression."""
        Category.objects.filter(pk=category.pk).update(
            parent_id=models.F("id") + 99_999
        )

    def do_many_orphans(self, category: Category) -> None:
        """Insert several rows of which the last is bad."""
        Category.objects.bulk_create(
            [
                Category(name="good", parent_id=category.pk),
                Category(name="bad", parent_id=999_999),
            ]
        )

    def do_child_first(self, category: Category) -> None:
        """Insert a child before its parent: deferred keys allow it."""
        Category.objects.create(name="child", parent_id=900_000)
        Category.objects.create(pk=900_000, name="late parent")

    def do_come_and_go(self, category: Category) -> None:
        """Refer to a row, then take both away again."""
        parent = Category.objects.create(name="passing parent")
        child = Category.objects.create(name="passing child", parent=parent)
        child.delete()
        parent.delete()

    def do_replace_parent(self, category: Category) -> None:
        """Delete a row that is referred to, and put another in its place."""
        Category.objects.create(name="kept child", parent=category)
        Category.objects.filter(pk=category.pk)._raw_delete("default")
        Category.objects.create(pk=category.pk, name="replacement")

    def do_orphan_then_mend(self, category: Category) -> None:
        """Break a key, and mend it."""
        Category.objects.filter(pk=category.pk).update(parent_id=999_999)
        Category.objects.filter(pk=category.pk).update(parent_id=None)

    def do_swallow_raw(self, category: Category) -> None:
        """Swallow what the driver raises, outside the ORM's own marks."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("select 1 from no_such_table")
        except Exception:  # the point of the test
            return

    def do_mark(self, category: Category) -> None:
        """Ask for a rollback, and say nothing."""
        transaction.set_rollback(True)

    def do_shield(self, category: Category) -> None:
        """Swallow an error in a savepoint of its own, as one should."""
        try:
            with transaction.atomic():
                Category.objects.create(name=category.name)
        except Exception:  # the point of the test
            Event.objects.create(text="shielded")


@pytest.fixture
def hooks(serve: Serve) -> None:
    """Serve the viewset with the hooks."""
    serve(HookViewSet)


def run_hook(api: APIClient, name: str) -> Any:
    """Create a good category, one with a hook, and another good one."""
    names = [{"name": "before"}, {"name": name}, {"name": "after"}]
    return api.post("/things/bulk/", names)


def get_categories() -> list[str]:
    """Return what the table holds."""
    return sorted(Category.objects.values_list("name", flat=True))


@pytest.mark.skipif(
    connection.vendor == "mysql", reason="MariaDB checks every statement."
)
@pytest.mark.usefixtures("hooks")
@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("child first", ["child", "late parent"]),
        ("replace parent", ["kept child", "replacement"]),
        ("orphan then mend", ["orphan then mend"]),
    ],
)
def test_success_keys_are_checked_when_the_operation_is_over(
    api: APIClient, name: str, left: list[str]
) -> None:
    response = run_hook(api, name)

    assert get_statuses(response) == [201, 201, 201]
    assert set(left) < set(get_categories())


@pytest.mark.usefixtures("hooks")
@pytest.mark.parametrize("name", ["raw orphan", "expression orphan", "many orphans"])
def test_fail_foreign_key_that_only_the_commit_would_notice(
    api: APIClient, name: str
) -> None:
    response = run_hook(api, name)

    assert get_statuses(response) == [201, 409, 201]
    assert get_details(response)[1] == FOREIGN_KEY
    assert get_categories() == ["after", "before"]


@pytest.mark.usefixtures("hooks")
def test_success_rows_that_come_and_go_within_an_operation(api: APIClient) -> None:
    response = run_hook(api, "come and go")

    assert get_statuses(response) == [201, 201, 201]
    assert get_categories() == ["after", "before", "come and go"]


@pytest.mark.usefixtures("hooks")
def test_fail_hook_that_asks_for_a_rollback(api: APIClient) -> None:
    response = run_hook(api, "mark")

    assert get_statuses(response) == [201, 500, 201]
    assert get_details(response)[1] == (
        "What it did could not be kept: the transaction was marked for rollback, as by "
        "a database error that was caught without transaction.atomic() around it."
    )
    assert get_categories() == ["after", "before"]


@pytest.mark.usefixtures("hooks")
def test_success_hook_with_a_savepoint_of_its_own(api: APIClient) -> None:
    response = run_hook(api, "shield")

    assert get_statuses(response) == [201, 201, 201]
    assert get_categories() == ["after", "before", "shield"]
    assert Event.objects.get().text == "shielded"


@pytest.mark.usefixtures("hooks")
def test_swallowed_error_is_a_failure_where_it_ends_the_transaction(
    api: APIClient,
) -> None:
    response = run_hook(api, "swallow raw")

    ended = connection.vendor == "postgresql"
    assert get_statuses(response) == [201, 500 if ended else 201, 201]
    kept = ["after", "before"] if ended else ["after", "before", "swallow raw"]
    assert get_categories() == kept


def test_fail_swallowed_error_of_the_orm(api: APIClient) -> None:
    category = CategoryFactory()

    response = api.post(
        "/api/raising/bulk/",
        [
            get_product(sku="a", category=category.pk),
            get_product(sku="b", name="swallow", category=category.pk),
            get_product(sku="c", category=category.pk),
        ],
    )

    assert get_statuses(response) == [201, 500, 201]
    assert sorted(Product.objects.values_list("sku", flat=True)) == ["a", "c"]


def test_fail_orphan_made_by_a_hook(api: APIClient) -> None:
    category = CategoryFactory()

    response = api.post(
        "/api/raising/bulk/",
        [
            get_product(sku="a", name="orphan", category=category.pk),
            get_product(sku="b", category=category.pk),
        ],
    )

    assert get_statuses(response) == [409, 201]
    assert get_details(response) == [FOREIGN_KEY, None]
    assert list(Product.objects.values_list("sku", flat=True)) == ["b"]


def test_fail_delete_that_only_the_database_refuses(api: APIClient) -> None:
    shipped, free = ProductFactory(), ProductFactory()
    Shipment.objects.create(product=shipped)

    response = api.delete("/api/products/bulk/", [shipped.pk, free.pk])

    assert get_statuses(response) == [409, 204]
    assert get_details(response) == [FOREIGN_KEY, None]
    assert list(Product.objects.all()) == [shipped]


def test_fail_delete_of_what_is_protected_or_restricted(api: APIClient) -> None:
    reviewed = ProductFactory()
    Review.objects.create(product=reviewed)

    products = api.delete("/api/products/bulk/", [reviewed.pk])
    categories = api.delete("/api/categories/bulk/", [reviewed.category_id])

    referenced = "It cannot be deleted, because it is referenced by: {}."
    assert get_statuses(products) == get_statuses(categories) == [409]
    assert get_details(products) == [referenced.format("review")]
    assert get_details(categories) == [referenced.format("product")]
    assert get_results(products)[0]["error"]["code"] == "protected"


@pytest.mark.skipif(
    connection.vendor == "mysql", reason="MariaDB has no expressions in an index."
)
def test_fail_constraint_that_no_validator_knows(api: APIClient) -> None:
    TagFactory(name="Red")

    response = api.post(
        "/api/tags/bulk/", [{"name": "red"}, {"name": "Blue"}, {"name": "BLUE"}]
    )

    assert get_statuses(response) == [409, 201, 409]
    assert get_details(response) == [UNIQUE, None, UNIQUE]


def test_fail_check_constraint_of_the_database(api: APIClient) -> None:
    category = CategoryFactory()

    response = api.post(
        "/api/products/bulk/", [get_product(price="-1.00", category=category.pk)]
    )

    assert get_statuses(response) in ([400], [409])
    assert not Product.objects.exists()


def test_failed_operation_leaves_no_rows_m2m_or_signal_writes(
    api: APIClient, serve: Serve
) -> None:
    class LateViewSet(BulkModelViewSet):
        queryset = Product.objects.all()
        serializer_class = shop.ProductSerializer

        def perform_create(self, serializer: Any) -> None:
            product = serializer.save()
            if product.name == "late":
                raise RuntimeError("too late")

        def perform_update(self, serializer: Any) -> None:
            self.perform_create(serializer)

    def log(sender: Any, instance: Product, **kwargs: Any) -> None:
        Event.objects.create(text=f"saved {instance.sku}")

    serve(LateViewSet)
    kept = ProductFactory(sku="kept")
    tag = TagFactory()
    post_save.connect(log, sender=Product)
    try:
        response = api.post(
            "/things/batch/",
            batch(
                op(
                    "POST",
                    data=get_product(
                        sku="a", name="late", category=kept.category_id, tags=[tag.pk]
                    ),
                ),
                op("PATCH", kept.pk, {"tags": [tag.pk], "name": "late"}),
                op(
                    "POST",
                    data=get_product(sku="b", category=kept.category_id, tags=[tag.pk]),
                ),
            ),
        )
    finally:
        post_save.disconnect(log, sender=Product)

    assert get_statuses(response) == [500, 500, 201]
    assert sorted(Product.objects.values_list("sku", flat=True)) == ["b", "kept"]
    assert not kept.tags.exists()
    assert list(Event.objects.values_list("text", flat=True)) == ["saved b"]
    assert Product.tags.through.objects.count() == 1


@pytest.fixture
def log() -> Any:
    """Return what on_commit callbacks said."""
    views.LOG.clear()
    yield views.LOG
    views.LOG.clear()


@pytest.mark.django_db(transaction=True)
def test_on_commit_is_called_for_what_was_kept(api: APIClient, log: list[str]) -> None:
    api.force_authenticate(UserFactory())

    response = api.post(
        "/api/notes/bulk/", [{"text": "one"}, {"text": "fail late"}, {"text": "two"}]
    )

    assert get_statuses(response) == [201, 400, 201]
    assert log == ["committed one", "committed two"]
    assert list(Note.objects.order_by("pk").values_list("text", flat=True)) == [
        "one", "two",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_operations_run_in_order_and_see_the_earlier_ones(api: APIClient) -> None:
    product = ProductFactory(stock=1)

    response = api.post(
        "/api/products/batch/",
        batch(
            op("PATCH", product.pk, {"stock": 2}),
            op("PATCH", product.pk, {"name": "renamed"}),
            op("DELETE", product.pk),
            op("PATCH", product.pk, {"stock": 3}),
            op("DELETE", product.pk),
            op("POST", data=get_product(sku=product.sku, category=product.category_id)),
            op("POST", data=get_product(sku=product.sku, category=product.category_id)),
        ),
    )

    assert get_statuses(response) == [200, 200, 204, 404, 404, 201, 400]
    assert get_results(response)[1]["data"]["stock"] == 2
    assert Product.objects.get().name == "New"
