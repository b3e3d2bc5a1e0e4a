"""Conditional writes: what a tag protects, one by one and in batches."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.test import APIClient

from tests.answers import batch, op
from tests.conditional.viewsets import VIEWSETS, CategoryViewSet, get_tag
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.shop.models import Category

pytestmark = pytest.mark.django_db(transaction=True)


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
