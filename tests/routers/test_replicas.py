"""A replica that lags: `other` stands for it, and nothing is copied to it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from adrf.routers import SimpleRouter as AsyncRouter
from adrf.serializers import ModelSerializer as AsyncModelSerializer
from adrf.viewsets import ModelViewSet as AsyncModelViewSet
from django.db import router
from rest_framework import serializers
from rest_framework.test import APIClient

from multistatus_app.databases.aliases import is_batch_running, running_batch
from multistatus_app.mixins import BulkModelMixin
from multistatus_app.routers import PinnedRouter
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.routers.viewsets import PINNED, AskingViewSet, ByNameViewSet
from tests.shop import serializers as shop
from tests.shop.models import Category, Product, Tag

pytestmark = pytest.mark.django_db(databases=["default", "other"])


class ReplicaRouter:
    """Reads from a replica."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Read from the replica."""
        return "other"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Write to the one that is copied."""
        return "default"

    def allow_relation(self, *args: Any, **hints: Any) -> bool:
        """It is one database."""
        return True


class ProductViewSet(BulkModelViewSet):
    """Shows rows of another table."""

    queryset = Product.objects.all()
    serializer_class = shop.ProductSerializer


class AsyncByNameSerializer(AsyncModelSerializer):
    """Names the parent by its name."""

    parent = serializers.SlugRelatedField(
        slug_field="name", queryset=Category.objects.all(), required=False
    )

    class Meta:
        model = Category
        fields = ["id", "name", "parent"]


class AsyncViewSet(BulkModelMixin, AsyncModelViewSet):
    """Asks asynchronously, too."""

    queryset = Category.objects.all()
    serializer_class = AsyncByNameSerializer

    async def perform_acreate(self, serializer: Any) -> None:
        """Refuse more than three."""
        if await Category.objects.acount() >= 3:
            raise serializers.ValidationError("Enough.")
        await serializer.asave()


@pytest.fixture
def replica(settings: Any) -> None:
    """Read from a replica, but for batches."""
    settings.DATABASE_ROUTERS = [PINNED, ReplicaRouter()]


FAMILY = [
    {"name": "animals"},
    {"name": "cats", "parent": "animals"},
    {"name": "dogs", "parent": "animals"},
    {"name": "animals"},
]


def test_without_it_a_replica_is_read(
    api: APIClient, serve: Serve, settings: Any
) -> None:
    settings.DATABASE_ROUTERS = [ReplicaRouter()]
    serve(ByNameViewSet)

    response = api.post("/things/bulk/", FAMILY)

    assert get_statuses(response) == [201, 400, 400, 409]


@pytest.mark.parametrize("size", [None, 2])
@pytest.mark.usefixtures("replica")
def test_operations_see_what_the_earlier_ones_wrote(
    api: APIClient, serve: Serve, settings: Any, size: int | None
) -> None:
    settings.MULTISTATUS = {"MIN_SET_SIZE": size}
    serve(ByNameViewSet)

    response = api.post("/things/bulk/", FAMILY)

    assert get_statuses(response) == [201, 201, 201, 400]
    [error] = get_results(response)[3]["error"]["errors"]
    assert (error["pointer"], error["code"]) == ("#/name", "unique")
    assert not Category.objects.using("other").exists()


@pytest.mark.usefixtures("replica")
def test_code_of_the_project_reads_where_it_writes(
    api: APIClient, serve: Serve
) -> None:
    serve(AskingViewSet)

    response = api.post("/things/bulk/", [{"name": each} for each in "abc"])

    assert get_statuses(response) == [201, 201, 400]


@pytest.mark.usefixtures("replica")
def test_what_is_shown_is_what_was_written(api: APIClient, serve: Serve) -> None:
    category = Category(name="c")
    category.save(using="default")
    tags = [Tag(name=each) for each in "ab"]
    for each in tags:
        each.save(using="default")
    keys = [each.pk for each in tags]
    serve(ProductViewSet)
    row = {"name": "n", "price": "1.00", "category": category.pk, "tags": keys}

    made = api.post("/things/bulk/", [{"sku": each, **row} for each in ("p", "q")])
    key = get_results(made)[0]["data"]["id"]
    changed = api.patch("/things/bulk/", [{"id": key, "tags": keys[:1]}] * 2)

    assert [each["data"]["tags"] for each in get_results(made)] == [keys, keys]
    assert [each["data"]["tags"] for each in get_results(changed)] == [keys[:1]] * 2


@pytest.mark.usefixtures("replica")
def test_outside_of_a_batch_it_has_no_opinion(api: APIClient, serve: Serve) -> None:
    serve(ByNameViewSet)

    api.post("/things/bulk/", [{"name": "a"}])

    assert api.get("/things/").json() == []
    assert PinnedRouter().db_for_read(Category) is None
    assert router.db_for_read(Category) == "other"
    with running_batch():
        assert router.db_for_read(Category) == "default"


def test_it_is_over_whatever_is_raised() -> None:
    with pytest.raises(LookupError), running_batch():
        raise LookupError

    assert not is_batch_running()


def test_other_threads_are_not_in_the_batch() -> None:
    seen = []
    with running_batch():
        other = threading.Thread(target=lambda: seen.append(is_batch_running()))
        other.start()
        other.join()

    assert seen == [False]


@pytest.mark.django_db(databases=["default", "other"], transaction=True)
@pytest.mark.usefixtures("replica")
def test_asynchronous_views(api: APIClient, serve: Serve) -> None:
    serve(AsyncViewSet, AsyncRouter())

    response = api.post(
        "/things/batch/",
        batch(*(op("POST", data=each) for each in [*FAMILY, {"name": "birds"}])),
    )

    assert get_statuses(response) == [201, 201, 201, 400, 400]
    [error] = get_results(response)[3]["error"]["errors"]
    assert (error["pointer"], error["code"]) == ("#/name", "unique")
    assert Category.objects.using("default").count() == 3
    assert not Category.objects.using("other").exists()
