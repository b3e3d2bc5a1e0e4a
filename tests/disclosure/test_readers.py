"""Tags and pages: told to who may read, and to nobody else."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework import permissions
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.test import APIClient

from multistatus_app.conditional import ETagMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_details, get_statuses, op
from tests.conftest import Serve
from tests.disclosure.probing import SECRET, TOKEN
from tests.disclosure.viewsets import VIEWSETS, NoteSerializer
from tests.factories import NoteFactory
from tests.shop.models import Note

pytestmark = pytest.mark.django_db


class NoReading(permissions.BasePermission):
    """Writing is permitted, reading is not."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Refuse a GET."""
        return bool(request.method not in permissions.SAFE_METHODS)


class WriteOnly(ETagMixin, BulkModelViewSet):
    """A drop box."""

    queryset = Note.objects.order_by("pk")
    serializer_class = NoteSerializer
    permission_classes = [NoReading]


class HiddenFromGet(BulkModelViewSet):
    """Every row may be written, none may be read: by the queryset of the action."""

    serializer_class = NoteSerializer

    def get_queryset(self) -> Any:
        """Give nothing to a GET."""
        notes = Note.objects.order_by("pk")
        return notes.none() if self.request.method == "GET" else notes


class RefusesGet(BulkModelViewSet):
    """The action itself refuses."""

    queryset = Note.objects.order_by("pk")
    serializer_class = NoteSerializer

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Refuse."""
        return Response({"detail": "No."}, status=403)


class RefusesBefore(BulkModelViewSet):
    """What comes before the action refuses."""

    queryset = Note.objects.order_by("pk")
    serializer_class = NoteSerializer

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Refuse a GET."""
        super().initial(request, *args, **kwargs)
        if self.action == "retrieve":
            raise APIException("No.")


UNREADABLE = [WriteOnly, HiddenFromGet, RefusesGet, RefusesBefore]
with_unreadable = pytest.mark.parametrize(
    "viewset", UNREADABLE, ids=lambda each: each.__name__
)


@with_unreadable
def test_a_tag_is_told_to_readers_alone(
    client: APIClient, serve: Serve, hidden: Note, viewset: type
) -> None:
    """A digest of a short text can be guessed."""
    serve(viewset)
    operation = op("PATCH", hidden.pk, {"position": 1}, if_match='"5f1c"')

    response = client.post("/things/batch/", batch(operation))

    assert client.get(f"/things/{hidden.pk}/").status_code >= 400
    assert get_statuses(response) == [412]
    assert get_details(response) == [
        "The resource has changed: its entity tag is now another one. Fetch it, and "
        "decide again."
    ]


def test_a_tag_of_the_single_request_is_told_to_readers_alone(
    client: APIClient, serve: Serve, hidden: Note
) -> None:
    def ask() -> Any:
        return client.patch(
            f"/things/{hidden.pk}/", {"position": 1}, headers={"If-Match": '"5f1c"'}
        )

    serve(WriteOnly)
    refused = ask()
    serve(type("ReadWrite", (WriteOnly,), {"permission_classes": []}))
    told = ask()

    assert (refused.status_code, told.status_code) == (412, 412)
    assert "is now another one." in refused.json()["detail"]
    assert client.get(f"/things/{hidden.pk}/")["ETag"] in told.json()["detail"]


@with_unreadable
@pytest.mark.parametrize("path", ["/things/bulk/", "/things/batch/"])
@pytest.mark.parametrize("method", ["get", "options", "post"])
def test_pages_show_no_row_that_a_get_does_not(
    client: APIClient, serve: Serve, viewset: type, path: str, method: str
) -> None:
    serve(viewset)
    NoteFactory.create_batch(3, text=SECRET)

    for accept in ("text/html", "application/json", "application/xml"):
        response = getattr(client, method)(path, headers={"Accept": accept})
        assert SECRET not in unescape(response.content.decode())


@pytest.mark.parametrize("path", ["/things/bulk/", "/things/batch/"])
@pytest.mark.parametrize("viewset", VIEWSETS, ids=lambda each: each.__name__)
def test_pages_are_the_same_with_and_without_rows_of_others(
    client: APIClient, serve: Serve, user: User, path: str, viewset: type
) -> None:
    """Keys in examples and in forms, choices of relations, counts."""
    serve(viewset)
    NoteFactory(owner=user, text="my own note")

    def get_pages() -> list[str]:
        found = []
        for method in ("get", "options"):
            for accept in ("text/html", "application/json", "application/xml"):
                response = getattr(client, method)(path, headers={"Accept": accept})
                found.append(TOKEN.sub("", response.content.decode()))
        return found

    before = get_pages()
    NoteFactory.create_batch(3, text=SECRET)

    assert get_pages() == before
    assert "my own note" in before[0]


def test_a_page_counts_no_view(client: APIClient, serve: Serve) -> None:
    """Its examples are read as a GET reads them, and leave nothing."""

    class CountingViewSet(BulkModelViewSet):
        queryset = Note.objects.order_by("pk")
        serializer_class = NoteSerializer

        def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
            """Count."""
            note = self.get_object()
            note.position += 1
            note.save()
            return Response(self.get_serializer(note).data)

    serve(CountingViewSet)
    note = NoteFactory(text="shown")

    page = client.get("/things/bulk/", headers={"Accept": "text/html"})

    assert "shown" in page.content.decode()
    note.refresh_from_db()
    assert note.position == 0
