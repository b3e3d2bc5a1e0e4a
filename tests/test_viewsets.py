from __future__ import annotations

import pytest
from rest_framework.routers import DefaultRouter, SimpleRouter
from rest_framework.test import APIClient
from rest_framework.viewsets import ModelViewSet

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.factories import CategoryFactory
from tests.shop import models, serializers

OURS = {
    "bulk": {"post": "bulk", "put": "bulk", "patch": "bulk", "delete": "bulk"},
    "batch": {"post": "batch"},
}


class CategoryViewSet(BulkModelViewSet):
    queryset = models.Category.objects.all()
    serializer_class = serializers.CategorySerializer


class MixedViewSet(BulkModelMixin, ModelViewSet):
    queryset = models.Category.objects.all()
    serializer_class = serializers.CategorySerializer


class OtherOrderViewSet(ModelViewSet, BulkModelMixin):
    queryset = models.Category.objects.all()
    serializer_class = serializers.CategorySerializer


def get_routes(router):
    """Return the actions by route name, without the router's own root."""
    return {
        url.name: url.callback.actions
        for url in router.urls
        if hasattr(url.callback, "actions") and url.callback.actions
    }


@pytest.mark.once
@pytest.mark.parametrize("router", [SimpleRouter, DefaultRouter])
@pytest.mark.parametrize("viewset", [CategoryViewSet, MixedViewSet, OtherOrderViewSet])
def test_routes(router, viewset):
    made = router()
    made.register("categories", viewset)
    plain = router()
    plain.register("categories", ModelViewSet, basename="category")

    assert get_routes(made) == get_routes(plain) | {
        f"category-{name}": actions for name, actions in OURS.items()
    }


@pytest.mark.once
def test_bulk_comes_first():
    assert BulkModelViewSet.__mro__[:2] == (BulkModelViewSet, BulkModelMixin)
    assert BulkModelViewSet.bulk_limit is None


@pytest.mark.django_db
def test_four_kinds_in_one_request():
    kept, gone = CategoryFactory.create_batch(2)
    operations = [
        {"method": "POST", "data": {"name": "new"}},
        {"method": "PATCH", "key": kept.pk, "data": {"name": "renamed"}},
        {"method": "PUT", "key": kept.pk, "data": {"name": "again"}},
        {"method": "DELETE", "key": gone.pk},
    ]

    response = APIClient().post(
        "/api/categories/batch/", {"operations": operations}, format="json"
    )

    assert [each["status"] for each in response.json()["results"]] == [
        201,
        200,
        200,
        204,
    ]
    assert set(models.Category.objects.values_list("name", flat=True)) == {
        "new",
        "again",
    }


@pytest.mark.django_db
def test_single_endpoints_stay():
    client = APIClient()
    created = client.post("/api/categories/", {"name": "a"}, format="json")
    path = f"/api/categories/{created.json()['id']}/"

    assert created.status_code == 201
    assert client.get("/api/categories/").json() == [created.json()]
    assert client.patch(path, {"name": "b"}, format="json").json()["name"] == "b"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


@pytest.mark.once
def test_a_viewset_is_not_told_what_is_said_of_our_route():
    said = {"suffix": "List", "detail": False, "name": "Import", "description": "Many."}
    view = CategoryViewSet.as_view({"post": "batch"}, **said, bulk_limit=3).cls()

    bare = view.make_bare()

    assert vars(bare).keys().isdisjoint(said)
    assert bare.bulk_limit == 3
