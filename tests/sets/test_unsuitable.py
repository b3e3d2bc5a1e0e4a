"""Requests of which no set is made, because it would not be true."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from functools import partialmethod
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Count, Manager, QuerySet
from django.db.models.sql.compiler import SQLInsertCompiler
from django.urls import path
from rest_framework import permissions, serializers
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient
from rest_framework.throttling import AnonRateThrottle, BaseThrottle
from rest_framework.validators import UniqueValidator

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, NoteFactory, ProductFactory
from tests.handlers.viewsets import make_urlconf
from tests.parity.models import Genre
from tests.shop import serializers as shop
from tests.shop.models import Category, Event, Note, Product

pytestmark = pytest.mark.django_db

Ask = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def largest_sets(settings: Any) -> None:
    """Make a set of however few."""
    settings.MULTISTATUS = {"MIN_SET_SIZE": 1}


@pytest.fixture
def reasons(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return what tells why operations were run one by one, and forgets it."""
    caplog.set_level(logging.DEBUG, logger="multistatus_app")

    def get() -> list[str]:
        found = [each.getMessage().partition(": ")[2] for each in caplog.records]
        caplog.clear()
        return found

    return get


class NoteSerializer(serializers.ModelSerializer[Note]):
    """Stock."""

    class Meta:
        model = Note
        fields = ["id", "text", "position"]


class EventSerializer(serializers.ModelSerializer[Event]):
    """Stock."""

    class Meta:
        model = Event
        fields = ["id", "text"]


class EventViewSet(BulkModelViewSet):
    """Stock."""

    queryset = Event.objects.all()
    serializer_class = EventSerializer


class VisibleSerializer(shop.CategorySerializer):
    """A name is unique among the categories that are on top."""

    name = serializers.CharField(
        validators=[UniqueValidator(Category.objects.filter(parent=None))]
    )


class TopSerializer(shop.CategorySerializer):
    """Below those alone that are on top."""

    parent = serializers.PrimaryKeyRelatedField(
        queryset=Category.objects.filter(parent=None), allow_null=True
    )


class Tracing(QuerySet[Any]):
    """Sees what is asked."""

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return super().get(*args, **kwargs)


def serve_with(serve: Serve, base: Any = BulkModelViewSet, **members: Any) -> None:
    """Serve a viewset."""
    stock = {"queryset": Category.objects.all()} if base is BulkModelViewSet else {}
    serve(type("MadeViewSet", (base,), stock | members))


class TestLookups:
    """Filtered, another row may be among them after a write."""

    def test_a_filtered_unique_validator(
        self, api: APIClient, serve: Serve, reasons: Any
    ) -> None:
        serve_with(serve, serializer_class=VisibleSerializer)
        top = CategoryFactory(name="top")
        names = [("a", top.pk), ("b", None), ("b", top.pk)]

        response = api.post(
            "/things/bulk/", [{"name": name, "parent": key} for name, key in names]
        )

        assert get_statuses(response)[:2] == [201, 201]
        assert reasons() == ["Unsuitable('Name has a validator of some rows alone.')"]

    def test_a_filtered_relation(
        self, api: APIClient, serve: Serve, reasons: Any
    ) -> None:
        serve_with(serve, serializer_class=TopSerializer)
        top = CategoryFactory()
        below, one, two = CategoryFactory.create_batch(3, parent=top)
        changes = [(one, None), (two, one), (below, None), (one, below)]

        response = api.patch(
            "/things/bulk/",
            [{"id": row.pk, "parent": to and to.pk} for row, to in changes],
        )

        assert get_statuses(response) == [200] * 4
        assert reasons() == ["Unsuitable('Parent refers to some rows alone.')"]

    def test_a_relation_whose_rows_are_found_in_another_way(
        self, api: APIClient, serve: Serve, reasons: Any
    ) -> None:
        class TracedSerializer(shop.CategorySerializer):
            parent = serializers.SlugRelatedField(
                slug_field="name", queryset=Tracing(Category), allow_null=True
            )

        serve_with(serve, serializer_class=TracedSerializer)
        CategoryFactory(name="top")

        response = api.post("/things/bulk/", [{"name": "a", "parent": "top"}] * 2)

        assert get_statuses(response) == [201, 400]
        assert reasons() == ["Unsuitable('Parent refers to some rows alone.')"]


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


class TestOthers:
    """Who else takes part in what is asked and written."""

    def test_an_execute_wrapper(
        self, api: APIClient, serve: Serve, reasons: Any
    ) -> None:
        serve(EventViewSet)

        for wraps in (False, True):
            wrapper = connection.execute_wrapper(lambda execute, *args: execute(*args))
            with wrapper if wraps else nullcontext():
                response = api.post("/things/bulk/", [{"text": "a"}] * 3)
            assert get_statuses(response) == [201] * 3

        assert reasons() == [
            "Unsuitable('Others take part in what is sent to the database.')"
        ]

    @pytest.mark.parametrize(
        ("owner", "name"), [(SQLInsertCompiler, "execute_sql"), (QuerySet, "create")]
    )
    def test_a_part_of_the_orm_that_is_replaced(
        self, api: APIClient, serve: Serve, owner: Any, name: str
    ) -> None:
        serve(EventViewSet)
        stock, calls = getattr(owner, name), []

        def note(*args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            return stock(*args, **kwargs)

        api.post("/things/bulk/", [{"text": "a"}] * 3)
        with mock.patch.object(owner, name, note):
            response = api.post("/things/bulk/", [{"text": "a"}] * 3)

        assert get_statuses(response) == [201] * 3
        assert calls == [name] * 3

    @pytest.mark.parametrize(
        ("owner", "name"),
        [
            (EventSerializer, "create"),
            (EventSerializer, "save"),
            (EventSerializer, "validate"),
            (serializers.ModelSerializer, "create"),
            (serializers.CharField, "to_internal_value"),
            (EventViewSet, "create"),
            (EventViewSet, "perform_create"),
            (Event, "save"),
        ],
    )
    def test_what_is_patched_after_a_set(
        self, api: APIClient, serve: Serve, owner: Any, name: str
    ) -> None:
        serve(EventViewSet)
        stock, calls = getattr(owner, name), []

        def note(*args: Any, **kwargs: Any) -> Any:
            calls.append(name)
            return stock(*args, **kwargs)

        api.post("/things/bulk/", [{"text": "a"}] * 3)
        with mock.patch.object(owner, name, note):
            response = api.post("/things/bulk/", [{"text": "a"}] * 3)

        assert get_statuses(response) == [201] * 3
        assert calls == [name] * 3

    @pytest.mark.parametrize(
        "members",
        [
            {"permission_classes": property(lambda self: [permissions.AllowAny])},
            {"serializer_class": property(lambda self: EventSerializer)},
            {"queryset": property(lambda self: Event.objects.all())},
            {"bulk_replayable": property(lambda self: True)},
            {"filter_backends": property(lambda self: [])},
        ],
        ids=lambda members: next(iter(members)),
    )
    def test_attributes_that_are_properties(
        self, api: APIClient, serve: Serve, members: dict[str, Any]
    ) -> None:
        serve_with(serve, EventViewSet, **members)

        created = api.post("/things/bulk/", [{"text": text} for text in "abcd"])
        rows = [each["data"] for each in get_results(created)]
        changed = api.patch("/things/bulk/", [each | {"text": "x"} for each in rows])

        assert get_statuses(created) == [201] * 4
        assert get_statuses(changed) == [200] * 4


class TestColumns:
    """Of each row no more is written than its operation changes."""

    def test_what_others_write_meanwhile_stays(
        self, api: APIClient, serve: Serve, reasons: Any
    ) -> None:
        serve_with(serve, queryset=Note.objects.all(), serializer_class=NoteSerializer)
        one, two, three, four = NoteFactory.create_batch(4, text="old", position=0)
        done: list[str] = []

        def interfere(cursor: Any, sql: str, *rest: Any, stock: Any) -> Any:
            if sql.startswith("UPDATE") and not done:
                done.append(sql)
                Note.objects.filter(pk=one.pk).update(position=99)
                Note.objects.filter(pk=three.pk).update(text="theirs")
            return stock(cursor, sql, *rest)

        with ExitStack() as stack:
            for name in ("_execute", "_executemany"):
                stock = getattr(CursorWrapper, name)
                patch = partialmethod(interfere, stock=stock)
                stack.enter_context(mock.patch.object(CursorWrapper, name, patch))
            response = api.patch(
                "/things/bulk/",
                [
                    {"id": one.pk, "text": "new"},
                    {"id": two.pk, "text": "new"},
                    {"id": three.pk, "position": 5},
                    {"id": four.pk, "text": "new", "position": 5},
                ],
            )

        assert get_statuses(response) == [200] * 4
        assert reasons() == []
        rows = Note.objects.order_by("pk").values_list("text", "position")
        assert list(rows) == [("new", 99), ("new", 0), ("theirs", 5), ("new", 5)]

    def test_who_is_refused_is_told_by_its_place(self, api: APIClient) -> None:
        rows = ProductFactory.create_batch(5, price=1, stock=0)
        changes: list[Any] = [
            {"stock": 1},
            {"price": "-1.00"},
            {"price": "2.00"},
            {"stock": 2, "price": "-2.00"},
            {"stock": 3},
        ]

        response = api.patch(
            "/api/products/bulk/",
            [
                {"id": row.pk} | change
                for row, change in zip(rows, changes, strict=True)
            ],
        )

        assert get_statuses(response) == [200, 409, 200, 409, 200]
        stored = Product.objects.order_by("pk").values_list("stock", "price")
        assert [(stock, int(price)) for stock, price in stored] == [
            (1, 1), (0, 1), (0, 2), (0, 1), (3, 1),
        ]  # fmt: skip


# What of an operation code may look at, beside its key and its data


def by_path(view: Any) -> bool:
    """Whether it is the first one, by its path."""
    return bool(view.request.path.endswith("/1/"))


def by_body(view: Any) -> bool:
    """Whether it is the first one, by the bytes of its body."""
    return b"first" in view.request.body


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


def test_throttles_that_ask_the_database_charge_once(
    api: APIClient, serve: Serve
) -> None:
    class Twelve(AnonRateThrottle):
        rate = "12/day"

    class Quota(BaseThrottle):
        def allow_request(self, request: Any, view: Any) -> bool:
            return Event.objects.count() < 1000

    class ViewSet(EventViewSet):
        throttle_classes = (Twelve, Quota)

    serve(ViewSet)
    body = [{"text": str(number)} for number in range(13)]

    assert get_statuses(api.post("/things/bulk/", body)) == [*[201] * 12, 429]
