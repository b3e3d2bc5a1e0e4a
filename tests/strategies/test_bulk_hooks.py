"""The hooks by which a project writes sets in a way of its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.permissions import IsAuthenticated
from rest_framework.test import APIClient

from multistatus_app.overrides.decisions import Depth, decide
from multistatus_app.testing import get_results
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import NoteFactory, UserFactory
from tests.shop import serializers as shop
from tests.shop.models import Event, Note, Tag

pytestmark = pytest.mark.django_db


class NoteViewSet(BulkModelViewSet):
    """Notes, whose owner is who writes them; each is told of, all at once."""

    queryset = Note.objects.order_by("pk")
    serializer_class = shop.NoteSerializer

    def perform_create(self, serializer: Any) -> None:
        """Write one and tell of it."""
        note = serializer.save(owner=self.request.user)
        Event.objects.create(text=f"one {note.text}")

    def perform_bulk_create(self, serializer: Any, operations: Any) -> None:
        """Write many and tell of them."""
        for each in operations:
            each.instance.owner = self.request.user
        notes = Note.objects.bulk_create(each.instance for each in operations)
        if any(note.text == "broken" for note in notes):
            raise RuntimeError("It cannot be told of.")
        Event.objects.bulk_create(Event(text=f"many {note.text}") for note in notes)


def test_a_set_is_written_by_the_hook(api: APIClient, serve: Serve) -> None:
    serve(NoteViewSet)
    assert decide(NoteViewSet, "POST").depth is Depth.SETS
    user = UserFactory()
    api.force_authenticate(user)

    with CaptureQueriesContext(connection) as few:
        api.post("/things/bulk/", [{"text": f"a{index}"} for index in range(5)])
    with CaptureQueriesContext(connection) as many:
        response = api.post(
            "/things/bulk/", [{"text": f"b{index}"} for index in range(30)]
        )

    assert get_statuses(response) == [201] * 30
    assert len(many) == len(few)
    assert list(Note.objects.values_list("owner", flat=True)) == [user.pk] * 35
    assert not Event.objects.filter(text__startswith="one").exists()
    assert [each["data"]["id"] for each in get_results(response)] == list(
        Note.objects.filter(text__startswith="b").values_list("pk", flat=True)
    )


def test_what_the_hook_raises_is_undone(api: APIClient, serve: Serve) -> None:
    serve(NoteViewSet)
    api.force_authenticate(UserFactory())
    texts = ["a", "b", "broken", "c"]

    response = api.post("/things/bulk/", [{"text": text} for text in texts])

    assert get_statuses(response) == [201] * 4
    assert [note.text for note in Note.objects.order_by("pk")] == texts
    assert [event.text for event in Event.objects.order_by("pk")] == [
        f"one {text}" for text in texts
    ]


@pytest.mark.parametrize("forgets", [True, False])
def test_what_the_database_refuses(api: APIClient, serve: Serve, forgets: bool) -> None:
    class TagViewSet(BulkModelViewSet):
        queryset = Tag.objects.all()
        serializer_class = shop.TagSerializer

        def perform_bulk_create(self, serializer: Any, operations: Any) -> None:
            kept = operations[1:] if forgets else operations
            Tag.objects.bulk_create(each.instance for each in kept)

    serve(TagViewSet)
    names = ["red", "green", "RED" if not forgets else "blue", "grey"]

    response = api.post("/things/bulk/", [{"name": name} for name in names])

    refuses = not forgets and connection.features.supports_expression_indexes
    assert get_statuses(response) == [201, 201, 409 if refuses else 201, 201]
    assert Tag.objects.count() == 4 - refuses


def test_updates_and_deletes(api: APIClient, serve: Serve) -> None:
    class EventViewSet(BulkModelViewSet):
        queryset = Event.objects.all()
        serializer_class = shop.EventSerializer

        def perform_bulk_update(self, serializer: Any, operations: Any) -> None:
            for each in operations:
                each.instance.text = f"set {each.validated_data['text']}"
            rows = [each.instance for each in operations]
            Event.objects.bulk_update(rows, ["text"])

        def perform_bulk_destroy(self, serializer: Any, operations: Any) -> None:
            assert serializer is None
            keys = [each.instance.pk for each in operations]
            Event.objects.filter(pk__in=keys).update(text="gone")

    serve(EventViewSet)
    keys = [Event.objects.create(text="old").pk for _ in range(5)]

    updated = api.patch(
        "/things/bulk/", [{"id": key, "text": "new"} for key in keys], format="json"
    )
    deleted = api.delete("/things/bulk/", keys[:4], format="json")

    assert {each["data"]["text"] for each in get_results(updated)} == {"set new"}
    assert get_statuses(deleted) == [204] * 4
    texts = list(Event.objects.order_by("pk").values_list("text", flat=True))
    assert texts == ["gone"] * 4 + ["set new"]


def test_a_user_that_the_hook_changed_is_read_again(
    api: APIClient, serve: Serve
) -> None:
    class ClosingViewSet(NoteViewSet):
        permission_classes = [IsAuthenticated]

        def perform_bulk_create(self, serializer: Any, operations: Any) -> None:
            super().perform_bulk_create(serializer, operations)
            get_user_model().objects.update(is_active=False)

    serve(ClosingViewSet)
    user = UserFactory()
    note = NoteFactory(owner=user)
    api.force_login(user)
    posts = [op("POST", data={"text": f"a{index}"}) for index in range(4)]

    response = api.post(
        "/things/batch/", batch(*posts, op("PATCH", note.pk, {"text": "b"}))
    )

    assert get_statuses(response) == [201] * 4 + [403]
