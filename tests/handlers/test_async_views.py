"""Asynchronous viewsets: their own actions and hooks are run, in one event loop."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from adrf.routers import DefaultRouter
from adrf.serializers import ModelSerializer
from adrf.viewsets import ModelViewSet
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.test import APIClient
from rest_framework.views import exception_handler

from multistatus_app.mixins import BulkModelMixin
from tests.answers import batch, get_details, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.handlers.viewsets import get_names, make_view
from tests.shop.models import Category, Event

pytestmark = pytest.mark.django_db(transaction=True)

SEEN: list[Any] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


class CategorySerializer(ModelSerializer):
    """Saves asynchronously."""

    class Meta:
        model = Category
        fields = ["id", "name", "parent"]

    async def acreate(self, validated_data: Any) -> Category:
        """Create it, with a mark."""
        name = validated_data.pop("name")
        return await Category.objects.acreate(name=f"{name}!", **validated_data)


class AsyncViewSet(BulkModelMixin, ModelViewSet):
    """Asks the database in its hooks, in both ways that there are."""

    queryset = Category.objects.all()
    serializer_class = CategorySerializer

    async def perform_acreate(self, serializer: Any) -> None:
        """Save, and look around."""
        await serializer.asave()
        await Event.objects.acreate(text=f"created {serializer.instance}")
        SEEN.append((id(asyncio.get_running_loop()), await self.look()))
        if str(serializer.instance) == "late!":
            raise ValidationError("Too late.")
        if str(serializer.instance) == "bug!":
            raise RuntimeError("the secret inside")

    async def perform_aupdate(self, serializer: Any) -> None:
        """Save it without `asave()`."""
        await sync_to_async(serializer.save)()
        SEEN.append((id(asyncio.get_running_loop()), await self.look()))

    async def perform_adestroy(self, instance: Any) -> None:
        """Delete softly."""
        instance.name = f"gone {instance.pk}"
        await instance.asave()

    @sync_to_async
    def look(self) -> Any:
        """Tell what is seen where the database is."""
        return (
            self.action, self.request.method, self.request.path, dict(self.kwargs),
            threading.get_ident(),
        )  # fmt: skip


def make_async_view(**members: Any) -> Any:
    """Return one with members of a test's own."""
    return make_view(AsyncViewSet, serializer_class=CategorySerializer, **members)


@pytest.fixture
def _served(serve: Serve) -> None:
    serve(AsyncViewSet, DefaultRouter())


@pytest.mark.usefixtures("_served")
def test_actions_and_hooks_are_those_of_the_single_endpoint(api: APIClient) -> None:
    one, two = CategoryFactory.create_batch(2)

    response = api.post(
        "/things/batch/",
        batch(
            op("POST", data={"name": "a"}),
            op("PATCH", one.pk, {"name": "b"}),
            op("PUT", one.pk, {"name": "c"}),
            op("DELETE", two.pk),
            op("DELETE", 0),
            op("POST", data={"name": "b" * 99}),
        ),
    )

    results = get_results(response)
    assert [each["status"] for each in results] == [201, 200, 200, 204, 404, 400]
    created = Category.objects.get(name="a!").pk
    assert results[0]["data"] == {"id": created, "name": "a!", "parent": None}
    assert results[0]["href"] == f"/things/{created}/"
    assert get_names() == ["c", f"gone {two.pk}", "a!"]


@pytest.mark.usefixtures("_served")
def test_one_loop_and_one_thread(api: APIClient) -> None:
    """As many operations as there are, the database is asked where the route asks."""
    row = CategoryFactory()

    api.post("/things/bulk/", [{"name": name} for name in "abc"])
    api.patch("/things/bulk/", [{"id": row.pk, "name": name} for name in "de"])

    loops = [loop for loop, _ in SEEN]
    assert len(set(loops[:3])) == len(set(loops[3:])) == 1
    path = f"/things/{row.pk}/"
    here = threading.get_ident()
    assert [seen for _, seen in SEEN] == [
        *[("acreate", "POST", "/things/", {}, here)] * 3,
        *[("partial_aupdate", "PATCH", path, {"pk": str(row.pk)}, here)] * 2,
    ]


@pytest.mark.usefixtures("_served")
@pytest.mark.parametrize("name", ["late", "bug"])
def test_what_fails_leaves_nothing(api: APIClient, name: str) -> None:
    response = api.post("/things/bulk/", [{"name": "a"}, {"name": name}, {"name": "b"}])

    assert get_statuses(response) == [201, {"late": 400, "bug": 500}[name], 201]
    assert get_names() == ["a!", "b!"]
    assert list(Event.objects.values_list("text", flat=True)) == [
        "created a!", "created b!",
    ]  # fmt: skip


@pytest.mark.usefixtures("_served")
def test_atomic_and_dry_run(api: APIClient) -> None:
    failed = api.post("/things/bulk/?atomic=1", [{"name": "a"}, {"name": "late"}])
    dry = api.post("/things/bulk/?dry_run=1", [{"name": "a"}, {"name": "late"}])

    assert get_statuses(failed) == [424, 400]
    assert get_statuses(dry) == [201, 400]
    assert get_names() == []


@pytest.mark.usefixtures("_served")
def test_if_match(api: APIClient) -> None:
    """Compared with the representation of the GET."""
    row = CategoryFactory(name="old")
    wrong = api.post(
        "/things/batch/", batch(op("PATCH", row.pk, {"name": "b"}, if_match='"x"'))
    )
    (detail,) = get_details(wrong)
    assert detail is not None
    tag = '"' + detail.split('"')[1] + '"'

    response = api.post(
        "/things/batch/",
        batch(
            op("PATCH", row.pk, {"name": "c"}, if_match=tag),
            op("PATCH", row.pk, {"name": "d"}, if_match=tag),
            op("PATCH", 0, {"name": "e"}, if_match=tag),
        ),
    )

    assert get_statuses(wrong) == [412]
    assert get_statuses(response) == [200, 412, 404]
    assert get_names() == ["c"]


class OnlyAnn(BasePermission):
    """Asks asynchronously."""

    async def has_permission(self, request: Any, view: Any) -> bool:
        """Read a header."""
        await Category.objects.acount()
        return bool(request.headers.get("X-User") == "ann")


def test_permissions(api: APIClient, serve: Serve) -> None:
    serve(make_async_view(permission_classes=[OnlyAnn]), DefaultRouter())
    asked = [{"name": "a"}, {"name": "b"}]

    refused = api.post("/things/bulk/", asked)
    response = api.post("/things/bulk/", asked, headers={"X-User": "ann"})

    assert refused.status_code == 403
    assert get_statuses(response) == [201, 201]
    assert get_names() == ["a!", "b!"]


def test_handler_of_the_project(api: APIClient, serve: Serve) -> None:
    """It is called in the event loop, where nobody may ask a database."""

    def handle(exc: Exception, context: Any) -> Any:
        SEEN.append(type(exc).__name__)
        return exception_handler(exc, context)

    serve(make_async_view(get_exception_handler=lambda self: handle), DefaultRouter())

    response = api.post("/things/bulk/", [{"name": "late"}, {"name": "a"}])

    assert get_statuses(response) == [400, 201]
    assert SEEN[1] == "ValidationError"
    assert get_names() == ["a!"]


def test_commit_after_each(api: APIClient, serve: Serve) -> None:
    """With no transaction of ours, a failure leaves what it leaves singly."""

    @sync_to_async
    def look() -> None:
        SEEN.append(connection.in_atomic_block)
        transaction.on_commit(lambda: SEEN.append("committed"))

    async def perform_acreate(self: Any, serializer: Any) -> None:
        await serializer.asave()
        await look()
        if str(serializer.instance) == "late!":
            raise ValidationError("Too late.")

    serve(
        make_async_view(perform_acreate=perform_acreate, bulk_commit_every=1),
        DefaultRouter(),
    )

    response = api.post("/things/bulk/", [{"name": "late"}, {"name": "a"}])

    assert get_statuses(response) == [400, 201]
    assert SEEN == [False, "committed", False, "committed"]
    assert get_names() == ["late!", "a!"]
