"""Targets of which no set is made: code may look at what a set does not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models import Count, Manager
from django.urls import path
from rest_framework import serializers
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, NoteFactory, ProductFactory
from tests.handlers.viewsets import make_urlconf
from tests.parity.models import Genre
from tests.sets.unsuitable import (
    EventViewSet,
    NoteSerializer,
    Tracing,
    by_body,
    by_path,
    serve_with,
)
from tests.shop import serializers as shop
from tests.shop.models import Event, Note, Product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("largest_sets")]


class TestTargets:
    """Rows of one table, by a key that is unique."""

    @pytest.mark.parametrize(
        ("queryset", "is_known"),
        [
            (Product.objects.all(), True),
            (Product.objects.filter(stock__lt=100), True),
            (Product.objects.select_related("category"), True),
            (Product.objects.filter(category__name="open"), False),
            (Product.objects.annotate(count=Count("tags")), False),
            (Product.objects.distinct(), False),
            (Tracing(Product), False),
        ],
    )
    def test_querysets(
        self, api: APIClient, serve: Serve, reasons: Any, queryset: Any, is_known: bool
    ) -> None:
        serve_with(serve, queryset=queryset, serializer_class=shop.ProductSerializer)
        category = CategoryFactory(name="open")
        rows = ProductFactory.create_batch(3, category=category, stock=1)

        response = api.patch(
            "/things/bulk/", [{"id": each.pk, "stock": 9} for each in rows]
        )

        assert get_statuses(response) == [200] * 3
        found = "Unsuitable('The targets cannot be fetched together.')"
        assert reasons() == ([] if is_known else [found])

    def test_a_key_that_two_rows_come_to_share(
        self, api: APIClient, serve: Serve
    ) -> None:
        serve_with(
            serve,
            queryset=Note.objects.all(),
            serializer_class=NoteSerializer,
            lookup_field="position",
            perform_create=lambda self, serializer: serializer.save(owner=self.owner),
            owner=get_user_model().objects.create_user("ann"),
        )
        for position in (1, 2):
            NoteFactory(position=position)

        response = api.post(
            "/things/batch/",
            batch(
                op("DELETE", 1),
                op("POST", data={"text": "b", "position": 2}),
                op("DELETE", 2),
            ),
        )

        assert get_statuses(response) == [204, 201, 500]
        assert Note.objects.filter(position=2).count() == 2

    def test_a_row_that_comes_into_sight(self, api: APIClient, serve: Serve) -> None:
        """What was missing when the targets were fetched is there at its turn."""

        def perform_update(self: Any, serializer: Any) -> None:
            serializer.save()
            Product.objects.filter(name="hidden").update(stock=1)

        serve_with(
            serve,
            queryset=Product.objects.filter(stock=1),
            serializer_class=shop.ProductSerializer,
            perform_update=perform_update,
        )
        one, two, three = ProductFactory.create_batch(3, stock=1)
        hidden = ProductFactory(stock=0, name="hidden")

        response = api.post(
            "/things/batch/",
            batch(
                op("DELETE", one.pk),
                op("PATCH", two.pk, {"name": "x"}),
                op("DELETE", hidden.pk),
                op("DELETE", three.pk),
            ),
        )

        assert get_statuses(response) == [204, 200, 204, 204]


@pytest.mark.parametrize("is_first", [by_path, by_body])
def test_a_queryset_by_what_one_request_is(
    api: APIClient, serve: Serve, is_first: Callable[[Any], bool]
) -> None:
    class ViewSet(EventViewSet):
        def get_queryset(self) -> Any:
            return Event.objects.all() if is_first(self) else Event.objects.none()

    Event.objects.bulk_create([Event(pk=pk, text="old") for pk in range(1, 5)])
    serve(ViewSet)
    body = [{"id": 1, "text": "first"}, *({"id": pk, "text": "x"} for pk in (2, 3, 4))]

    assert get_statuses(api.patch("/things/bulk/", body)) == [200, 404, 404, 404]


def test_a_base_manager_that_filters(
    api: APIClient, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`save()` updates what it finds."""

    class Kept(Manager[Event]):
        def get_queryset(self) -> Any:
            return super().get_queryset().exclude(text="gone")

    manager = Kept()
    manager.model = Event
    monkeypatch.setitem(vars(Event._meta), "base_manager", manager)
    Event.objects.bulk_create([Event(pk=1, text="gone"), Event(pk=2, text="kept")])
    serve(EventViewSet)
    body = [{"id": 1, "text": "x"}, {"id": 2, "text": "x"}]

    assert get_statuses(api.patch("/things/bulk/", body)) == [409, 200]


def test_deleting_one_takes_another_out_of_the_queryset(
    api: APIClient, serve: Serve
) -> None:
    class GenreSerializer(serializers.ModelSerializer[Genre]):
        class Meta:
            model = Genre
            fields = ["code", "text"]

    class ViewSet(BulkModelViewSet):
        queryset = Genre.objects.filter(broader__isnull=False)
        serializer_class = GenreSerializer

    above = None
    for code in "abcde":
        above = Genre.objects.create(code=code, broader=above)
    serve(ViewSet)

    response = api.delete("/things/bulk/", ["b", "c", "d", "e"])

    assert get_statuses(response) == [204, 404, 204, 404]


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_keys_whose_paths_lead_elsewhere(
    api: APIClient, settings: Any, method: str
) -> None:
    class ViewSet(EventViewSet):
        lookup_value_regex = "[1-9][0-9]*"

    class OtherViewSet(EventViewSet):
        queryset = Event.objects.none()

    router = SimpleRouter()
    router.register("things", ViewSet)
    other = OtherViewSet.as_view({"patch": "partial_update", "delete": "destroy"})
    settings.ROOT_URLCONF = make_urlconf(path("things/7/", other), *router.urls)
    Event.objects.bulk_create([Event(pk=pk, text="old") for pk in range(1, 9)])
    keys: list[Any] = [1, 2, 3, 4, 5, 7, "008", 8]
    body = keys if method == "delete" else [{"id": key, "text": "x"} for key in keys]

    response = getattr(api, method)("/things/bulk/", body)

    done = 204 if method == "delete" else 200
    assert get_statuses(response) == [*[done] * 5, 404, 404, done]
    assert Event.objects.filter(text="old", pk=7).exists()
