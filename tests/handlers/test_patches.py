"""Code that is replaced after a first batch is what the next one runs."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.shop import serializers as shop
from tests.shop.models import Category

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[1, None], ids=["sets", "singly"], autouse=True)
def sets(request: pytest.FixtureRequest, settings: Any) -> None:
    """Make sets of any size, or none."""
    settings.MULTISTATUS = {"MIN_SET_SIZE": request.param}


class Serializer(shop.CategorySerializer):
    """One of the test's own."""


class ViewSet(BulkModelViewSet):
    """One of the test's own."""

    queryset = Category.objects.all()
    serializer_class = Serializer


CREATING = [(Serializer, "create"), (Serializer, "save"), (Serializer, "is_valid"),
            (Serializer, "validate"), (Serializer, "to_internal_value"),
            (Serializer, "to_representation"), (ViewSet, "create"),
            (ViewSet, "perform_create"), (ViewSet, "get_serializer"),
            (ViewSet, "get_success_headers"), (ViewSet, "dispatch"),
            (ViewSet, "initial"), (ViewSet, "finalize_response"),
            (Category, "save")]  # fmt: skip
UPDATING = [(Serializer, "update"), (ViewSet, "update"), (ViewSet, "partial_update"),
            (ViewSet, "perform_update"), (ViewSet, "get_object"),
            (ViewSet, "check_object_permissions"), (Category, "save")]  # fmt: skip
DELETING = [(ViewSet, "destroy"), (ViewSet, "perform_destroy"), (ViewSet, "get_object"),
            (Category, "delete")]  # fmt: skip


def count(owner: Any, name: str, run: Any) -> int:
    """Count the calls of what is patched while something runs."""
    calls = []
    original = getattr(owner, name)

    def spy(self: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        return original(self, *args, **kwargs)

    with mock.patch.object(owner, name, spy):
        run()
    return len(calls)


@pytest.mark.parametrize(
    ("owner", "name"), CREATING, ids=lambda each: getattr(each, "__name__", each)
)
def test_creates(api: APIClient, serve: Serve, owner: Any, name: str) -> None:
    serve(ViewSet)
    names = iter("abcdefghijklm")

    def run() -> None:
        response = api.post("/things/bulk/", [{"name": next(names)} for _ in range(5)])
        assert get_statuses(response) == [201] * 5

    run()

    single = count(owner, name, lambda: api.post("/things/", {"name": "s"}))
    assert single > 0
    assert count(owner, name, run) == 5 * single


@pytest.mark.parametrize(
    ("owner", "name"), UPDATING, ids=lambda each: getattr(each, "__name__", each)
)
def test_updates(api: APIClient, serve: Serve, owner: Any, name: str) -> None:
    serve(ViewSet)
    rows = CategoryFactory.create_batch(5)
    body = [{"id": each.pk, "parent": None} for each in rows]

    def run() -> None:
        assert get_statuses(api.patch("/things/bulk/", body)) == [200] * 5

    run()

    single = count(owner, name, lambda: api.patch(f"/things/{rows[0].pk}/", {}))
    assert single > 0
    assert count(owner, name, run) == 5 * single


@pytest.mark.parametrize(
    ("owner", "name"), DELETING, ids=lambda each: getattr(each, "__name__", each)
)
def test_deletes(api: APIClient, serve: Serve, owner: Any, name: str) -> None:
    serve(ViewSet)

    def run(keys: Any = None) -> None:
        rows = CategoryFactory.create_batch(5)
        response = api.delete("/things/bulk/", [each.pk for each in rows])
        assert get_statuses(response) == [204] * 5

    run()
    row = CategoryFactory().pk

    single = count(owner, name, lambda: api.delete(f"/things/{row}/"))
    assert single > 0
    assert count(owner, name, run) == 5 * single
