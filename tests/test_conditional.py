"""Entity tags: of results, of single answers, and what they protect."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Count
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.test import APIClient

from multistatus_app.conditional import ETagMixin
from multistatus_app.requests.preconditions import get_representation_etag
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory
from tests.shop import serializers as shop
from tests.shop.models import Category, Product

pytestmark = pytest.mark.django_db(transaction=True)

needs_row_locks = pytest.mark.skipif(
    not connection.features.has_select_for_update,
    reason="The database has no row locks.",
)


class CategoryViewSet(ETagMixin, BulkModelViewSet):
    """Stock, with tags."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer


class DetailedSerializer(shop.CategorySerializer):
    """What the GET shows and the PUT does not."""

    size = serializers.SerializerMethodField()

    def get_size(self, category: Category) -> int:
        """Return a number."""
        return len(category.name)

    class Meta(shop.CategorySerializer.Meta):
        fields = [*shop.CategorySerializer.Meta.fields, "size"]


class ByActionViewSet(CategoryViewSet):
    """Represents by action."""

    def get_serializer_class(self) -> Any:
        """Choose."""
        reading = self.action in ("list", "retrieve")
        return DetailedSerializer if reading else shop.CategorySerializer


class VersionedViewSet(CategoryViewSet):
    """Has its own, cheap tag, and actions of its own."""

    def get_etag(self, instance: Category) -> str:
        """Return the name as a version."""
        return f'"v-{instance.name}"'

    def update(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Override the action."""
        return super().update(request, *args, **kwargs)


VIEWSETS = [CategoryViewSet, ByActionViewSet, VersionedViewSet]


def get_tag(api: APIClient, key: Any) -> str:
    response = api.get(f"/things/{key}/")
    assert response.status_code == 200
    return str(response["ETag"])


@pytest.mark.parametrize("viewset", VIEWSETS)
def test_tags_of_results_are_those_of_the_get(
    api: APIClient, serve: Serve, viewset: type
) -> None:
    serve(viewset)
    put, patched = CategoryFactory.create_batch(2)

    response = api.post(
        "/things/batch/",
        batch(
            op("POST", data={"name": "new"}),
            op("PUT", put.pk, {"name": "put", "parent": None}),
            op("PATCH", patched.pk, {"name": "patched"}),
            op("PATCH", patched.pk, {"name": ""}),
        ),
    )

    results = response.json()["results"]
    assert [each["status"] for each in results] == [201, 200, 200, 400]
    created = results[0]["data"]["id"]
    tags = [each.get("etag") for each in results]
    of_gets = [get_tag(api, key) for key in (created, put.pk, patched.pk)]
    # Another representation than that of the GET is not made for its tag alone.
    known = [None] * 3 if viewset is ByActionViewSet else of_gets
    assert tags == [*known, None]
    assert len(set(of_gets)) == 3


def test_a_delete_and_a_dry_run_have_no_tag(api: APIClient, serve: Serve) -> None:
    serve(CategoryViewSet)
    key = CategoryFactory().pk

    dry = api.post("/things/batch/?dry_run=1", batch(op("PATCH", key, {"name": "x"})))
    wet = api.post("/things/batch/", batch(op("DELETE", key)))

    assert "etag" not in dry.json()["results"][0]
    assert "etag" not in wet.json()["results"][0]


def test_xml_says_the_same_tag(api: APIClient, serve: Serve) -> None:
    serve(CategoryViewSet)
    key = CategoryFactory().pk

    response = api.post(
        "/things/batch/",
        batch(op("PATCH", key, {"name": "x"})),
        headers={"Accept": "application/xml"},
    )

    tag = get_tag(api, key).replace('"', "&quot;")
    assert f'etag="{tag}"' in response.content.decode()


@pytest.mark.parametrize("viewset", VIEWSETS)
def test_the_second_of_two_with_one_tag_fails(
    api: APIClient, serve: Serve, viewset: type
) -> None:
    serve(viewset)
    key = CategoryFactory(name="first").pk
    tag = get_tag(api, key)

    response = api.post(
        "/things/batch/",
        batch(
            op("PUT", key, {"name": "second"}, if_match=tag),
            op("PUT", key, {"name": "third"}, if_match=tag),
            op("DELETE", key, if_match=tag),
            op("PATCH", key, {"name": "any"}, if_match="*"),
            op("PATCH", key, {"name": "weak"}, if_match=f"W/{tag}"),
        ),
    )

    results = response.json()["results"]
    assert [each["status"] for each in results] == [200, 412, 412, 200, 412]
    assert results[1]["error"]["code"] == "precondition_failed"
    assert tag not in results[1]["error"]["detail"]
    assert Category.objects.get().name == "any"


@pytest.mark.parametrize("viewset", VIEWSETS)
def test_single_writes_take_if_match(
    api: APIClient, serve: Serve, viewset: type
) -> None:
    serve(viewset)
    key = CategoryFactory(name="first").pk
    path, tag = f"/things/{key}/", get_tag(api, key)

    won = api.patch(path, {"name": "second"}, headers={"If-Match": tag})
    lost = api.patch(path, {"name": "third"}, headers={"If-Match": tag})
    kept = api.delete(path, headers={"If-Match": tag})
    several = api.put(path, {"name": "4"}, headers={"If-Match": f'"x", {won["ETag"]}'})

    assert [each.status_code for each in (won, lost, kept, several)] == [
        200, 412, 412, 200,
    ]  # fmt: skip
    assert lost.json()["detail"].startswith(
        f"The resource has changed: its entity tag is now {won['ETag']}."
    )
    assert several["ETag"] == get_tag(api, key)
    assert Category.objects.get().name == "4"


def test_single_get_is_not_modified(api: APIClient, serve: Serve) -> None:
    serve(CategoryViewSet)
    key = CategoryFactory().pk
    tag = get_tag(api, key)

    response = api.get(f"/things/{key}/", headers={"If-None-Match": tag})

    assert response.status_code == 304
    assert response["ETag"] == tag
    assert api.get("/things/").headers.get("ETag") is None


def test_fail_an_if_match_that_is_none(api: APIClient, serve: Serve) -> None:
    serve(CategoryViewSet)
    path = f"/things/{CategoryFactory().pk}/"

    response = api.patch(path, {"name": "x"}, headers={"If-Match": "nothing"})

    assert response.status_code == 400
    assert response.json() == {
        "detail": 'If-Match takes entity tags, such as "5f1c", or *.'
    }


def test_a_conditional_write_that_fails_leaves_nothing(
    api: APIClient, serve: Serve
) -> None:
    class ViewSet(CategoryViewSet):
        def perform_update(self, serializer: Any) -> None:
            serializer.save()
            raise serializers.ValidationError("Too late.")

    serve(ViewSet)
    key = CategoryFactory(name="first").pk

    response = api.patch(
        f"/things/{key}/", {"name": "x"}, headers={"If-Match": get_tag(api, key)}
    )

    assert response.status_code == 400
    assert Category.objects.get().name == "first"


def run_together(count: int, target: Callable[[int], Any]) -> list[Any]:
    """Run a function in threads, each with connections of its own."""
    barrier = threading.Barrier(count)
    answers: list[Any] = [None] * count

    def run(number: int) -> None:
        barrier.wait()
        try:
            answers[number] = target(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(each,)) for each in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@needs_row_locks
@pytest.mark.parametrize("route", ["batch", "single"])
def test_of_many_clients_with_one_tag_one_wins(
    api: APIClient, serve: Serve, route: str
) -> None:
    serve(CategoryViewSet)
    for turn in range(5):
        key = CategoryFactory(name=f"first {turn}").pk
        tag = get_tag(api, key)

        def change(number: int, key: Any = key, tag: str = tag) -> int:
            client = APIClient(raise_request_exception=False)
            data = {"name": f"client {key} {number}"}
            if route == "single":
                headers = {"If-Match": tag}
                return client.patch(
                    f"/things/{key}/", data, headers=headers
                ).status_code
            body = batch(op("PATCH", key, data, if_match=tag))
            return get_statuses(client.post("/things/batch/", body))[0]

        assert sorted(run_together(4, change)) == [200, 412, 412, 412]


class ProductViewSet(BulkModelViewSet):
    """Joins another table."""

    queryset = Product.objects.select_related("category")
    serializer_class = shop.ProductSerializer
    bulk_lock = "nowait"


@needs_row_locks
@pytest.mark.parametrize("held", [[1], [0, 2], [0, 1, 2]])
def test_only_a_row_that_is_held_is_locked(
    api: APIClient, serve: Serve, held: list[int]
) -> None:
    serve(ProductViewSet)
    products = ProductFactory.create_batch(3)
    body = [{"id": each.pk, "stock": 5} for each in products]
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        from django.db import transaction

        with transaction.atomic():
            keys = [products[each].pk for each in held]
            list(Product.objects.select_for_update().filter(pk__in=keys))
            holding.set()
            done.wait(30)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(30)
    response = api.patch("/things/bulk/", body)
    done.set()
    thread.join()

    expected = [423 if each in held else 200 for each in range(3)]
    assert get_statuses(response) == expected
    locked = response.json()["results"][held[0]]
    assert locked["retry_after"] == 1
    assert locked["error"]["code"] == "locked"
    stocks = Product.objects.order_by("pk").values_list("stock", flat=True)
    assert list(stocks) == [0 if each in held else 5 for each in range(3)]


@needs_row_locks
def test_no_update_is_lost_while_rows_are_waited_for(
    api: APIClient, serve: Serve
) -> None:
    class ViewSet(BulkModelViewSet):
        queryset = Product.objects.all()
        serializer_class = shop.ProductSerializer
        bulk_lock = "wait"

        def perform_update(self, serializer: Any) -> None:
            serializer.save(stock=serializer.instance.stock + 1)

    serve(ViewSet)
    products = ProductFactory.create_batch(3)

    def increment(number: int) -> list[int]:
        client = APIClient(raise_request_exception=False)
        body = [{"id": each.pk, "name": f"by {number}"} for each in products]
        return get_statuses(client.patch("/things/bulk/", body))

    assert run_together(4, increment) == [[200, 200, 200]] * 4
    assert list(Product.objects.values_list("stock", flat=True)) == [4, 4, 4]


class AnnotatedSerializer(serializers.ModelSerializer[Category]):
    """Shows what only a queryset knows."""

    size = serializers.IntegerField(read_only=True)

    class Meta:
        model = Category
        fields = ["id", "name", "size"]


class AnnotatedViewSet(BulkModelViewSet):
    """Counts the children."""

    queryset = Category.objects.annotate(size=Count("children"))
    serializer_class = AnnotatedSerializer


class TestAnnotations:
    """A tag is one of all that the GET shows, annotations included."""

    def test_of_results(self, api: APIClient, serve: Serve) -> None:
        serve(AnnotatedViewSet)
        (created,) = api.post("/things/bulk/", [{"name": "a"}]).json()["results"]
        key = created["data"]["id"]
        assert "etag" not in created  # what the GET shows is not in hand

        tag = get_representation_etag(api.get(f"/things/{key}/").data)
        change = op("PATCH", key, {"name": "b"}, if_match=tag)
        response = api.post("/things/batch/", batch(change))
        assert get_statuses(response) == [200]
        tag = get_representation_etag(api.get(f"/things/{key}/").data)
        Category.objects.create(name="child", parent_id=key)
        response = api.post("/things/batch/", batch(change | {"if_match": tag}))

        assert get_statuses(response) == [412]

    def test_of_the_get(self, api: APIClient, serve: Serve) -> None:
        class TaggedViewSet(ETagMixin, AnnotatedViewSet):
            pass

        serve(TaggedViewSet)
        (created,) = api.post("/things/bulk/", [{"name": "a"}]).json()["results"]
        href = created["href"]
        tag = api.get(href)["ETag"]

        change = op("PATCH", created["data"]["id"], {"name": "b"})
        response = api.post("/things/batch/", batch(change | {"if_match": tag}))
        assert get_statuses(response) == [200]
        assert api.get(href)["ETag"] != tag
        tag = api.get(href)["ETag"]

        single = api.patch(href, {"name": "c"}, HTTP_IF_MATCH=tag)
        assert single.status_code == 200
        assert api.get(href)["ETag"] == single["ETag"] != tag
        stale = api.patch(href, {"name": "d"}, HTTP_IF_MATCH=tag)
        assert stale.status_code == 412


def test_an_action_beside_the_stock_ones_has_no_tag(
    api: APIClient, serve: Serve
) -> None:
    """It shows something else, of which nobody knows when it changes."""

    class CountingViewSet(CategoryViewSet):
        @action(detail=True)
        def children(self, request: Any, pk: str) -> Response:
            return Response({"children": self.get_object().children.count()})

    serve(CountingViewSet)
    row = CategoryFactory()
    path = f"/things/{row.pk}/children/"
    tag = api.get(f"/things/{row.pk}/")["ETag"]
    first = api.get(path)
    CategoryFactory(parent=row)

    second = api.get(path, HTTP_IF_NONE_MATCH=f"{first.get('ETag', '')}, {tag}, *")

    assert "ETag" not in first
    assert (second.status_code, second.json()) == (200, {"children": 1})


@pytest.mark.parametrize("replayable", [False, True])
def test_a_tag_that_cannot_be_made_is_logged(
    api: APIClient, serve: Serve, caplog: pytest.LogCaptureFixture, replayable: bool
) -> None:
    class RaisingViewSet(BulkModelViewSet):
        queryset = Category.objects.all()
        serializer_class = shop.CategorySerializer
        bulk_replayable = replayable

        def get_etag(self, instance: Any) -> str:
            raise RuntimeError("inside")

    serve(RaisingViewSet)

    response = api.post("/things/bulk/", [{"name": "a"}])

    assert get_statuses(response) == [201]
    assert "etag" not in response.json()["results"][0]
    (record,) = [each for each in caplog.records if each.name == "multistatus_app"]
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "inside"
