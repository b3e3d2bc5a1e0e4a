"""Requests of which no set is made, because it would not be true."""

from __future__ import annotations

from contextlib import ExitStack, nullcontext
from functools import partialmethod
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLInsertCompiler
from rest_framework import permissions, serializers
from rest_framework.test import APIClient
from rest_framework.throttling import AnonRateThrottle, BaseThrottle
from rest_framework.validators import UniqueValidator

from tests.answers import get_results, get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory, NoteFactory, ProductFactory
from tests.sets.unsuitable import EventViewSet, NoteSerializer, Tracing, serve_with
from tests.shop import serializers as shop
from tests.shop.models import Category, Event, Note, Product
from tests.shop.serializers import EventSerializer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("largest_sets")]


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
