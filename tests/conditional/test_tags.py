"""Entity tags: of results, and of single answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Count
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.test import APIClient

from multistatus_app.conditional import ETagMixin
from multistatus_app.requests.preconditions import get_representation_etag
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses, op
from tests.conditional.viewsets import (
    VIEWSETS,
    ByActionViewSet,
    CategoryViewSet,
    get_tag,
)
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.shop import serializers as shop
from tests.shop.models import Category

pytestmark = pytest.mark.django_db(transaction=True)


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
