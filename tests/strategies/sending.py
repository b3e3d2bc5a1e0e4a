"""Sends a batch, and reads what it leaves."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import override_settings
from rest_framework import serializers
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses
from tests.conftest import Serve
from tests.parity.models import Place, Shelf
from tests.shop.models import Category, Parcel, Product, Tag
from tests.strategies.batches.base import FIRST_KEY, Sent


class ShelfSerializer(serializers.ModelSerializer[Shelf]):
    """Stock."""

    class Meta:
        model = Shelf
        fields = ["id", "name", "parent", "note"]


class PlaceSerializer(serializers.ModelSerializer[Place]):
    """Unique together, nullable, and a condition."""

    class Meta:
        model = Place
        fields = ["id", "shelf", "position", "width", "depth"]


class KeyedParcelSerializer(serializers.ModelSerializer[Parcel]):
    """The key is what a client says."""

    class Meta:
        model = Parcel
        fields = ["id", "label"]


class NamedCategorySerializer(serializers.ModelSerializer[Category]):
    """Names its parent."""

    parent = serializers.SlugRelatedField(
        slug_field="name", queryset=Category.objects.all(), required=False
    )

    class Meta:
        model = Category
        fields = ["id", "name", "parent"]


class UserSerializer(serializers.ModelSerializer[Any]):
    """Stock."""

    class Meta:
        model = get_user_model()
        fields = ["id", "username"]


class ShelfViewSet(BulkModelViewSet):
    """Stock; what stands on a shelf goes with it, or holds on to it."""

    queryset = Shelf.objects.all()
    serializer_class = ShelfSerializer


class PlaceViewSet(BulkModelViewSet):
    """Stock."""

    queryset = Place.objects.all()
    serializer_class = PlaceSerializer


class KeyedParcelViewSet(BulkModelViewSet):
    """Stock."""

    queryset = Parcel.objects.all()
    serializer_class = KeyedParcelSerializer


class NamedCategoryViewSet(BulkModelViewSet):
    """Stock."""

    queryset = Category.objects.all()
    serializer_class = NamedCategorySerializer


class UserViewSet(BulkModelViewSet):
    """Stock; notes go with their owner, and books are left without."""

    queryset = get_user_model().objects.all()
    serializer_class = UserSerializer


VIEWSETS: dict[str, Any] = {
    "users": UserViewSet,
    "shelves": ShelfViewSet,
    "places": PlaceViewSet,
    "parcels": KeyedParcelViewSet,
    "named": NamedCategoryViewSet,
}
"""Those that have no route of their own in `tests.urls`."""


class Left(NamedTuple):
    """What a batch leaves."""

    statuses: list[int]
    document: str
    summary: str | None
    tables: dict[str, list[str]]


WAYS = (None, 1, "default")
"""How few operations are worth a set: none are, one is, or as is the default."""


def send(
    api: APIClient, serve: Serve, sent: Sent, *, smallest: Any = 1, query: str = ""
) -> Left:
    """Send a batch, return what it left, and take that back."""
    multistatus = {} if smallest == "default" else {"MIN_SET_SIZE": smallest}
    path = f"/api/{sent.where}"
    with transaction.atomic(), override_settings(MULTISTATUS=multistatus):
        restart_keys(FIRST_KEY)
        if sent.where in VIEWSETS:
            serve(VIEWSETS[sent.where])
            path = "/things"
        response = api.post(f"{path}/batch/{query}", batch(*sent.operations))
        left = Left(
            get_statuses(response),
            json.dumps(response.json()),
            response.headers.get("Multistatus-Summary"),
            read_tables(),
        )
        transaction.set_rollback(True)
    return left if connection.vendor == "sqlite" else without_gaps(left)


def read_tables() -> dict[str, list[str]]:
    """Return the rows of all tables that the batches write to."""
    models: list[Any] = [
        each
        for label in ("auth", "shop", "parity")
        for each in apps.get_app_config(label).get_models(include_auto_created=True)
        if not each._meta.proxy
    ]
    return {
        each._meta.label: [repr(row) for row in each.objects.order_by("pk").values()]
        for each in models
    }


def restart_keys(first: int) -> None:
    """Let the keys of all tables begin here."""
    with connection.cursor() as cursor:
        for model in (Category, Product, Tag, Shelf, Place):
            table = model._meta.db_table
            if connection.vendor == "sqlite":
                cursor.execute(
                    "UPDATE sqlite_sequence SET seq = %s WHERE name = %s",
                    [first - 1, table],
                )
            elif connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                    [table, first - 1],
                )


def without_gaps(left: Left) -> Left:
    """Number what was created, in order: what was refused may have used up a key.

    And leave out what such keys are in: entity tags, and the keys of links.
    """
    document = json.loads(left.document)
    made = []
    for each in document["results"]:
        each.pop("etag", None)
        if each["status"] == 201 and isinstance(each["data"]["id"], int):
            made.append(each["data"]["id"])
    assert made == sorted(made)
    numbers = {str(key): f"new {place}" for place, key in enumerate(made)}

    def number(text: str) -> str:
        return re.sub(r"\b\d{4,}\b", lambda key: numbers.get(key[0], key[0]), text)

    tables = {
        name: [
            number(re.sub(r"^{'id': \d+, ", "", row) if "_" in name else number(row))
            for row in rows
        ]
        for name, rows in left.tables.items()
    }
    return left._replace(document=number(json.dumps(document)), tables=tables)
