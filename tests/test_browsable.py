"""The browsable page of our routes shows no row that its reader may not see."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from rest_framework import mixins, permissions, serializers
from rest_framework.test import APIClient

from multistatus_app.mixins import BulkModelMixin
from tests.conftest import Serve
from tests.factories import UserFactory
from tests.handlers.viewsets import get_names, make_view
from tests.shop import serializers as shop
from tests.shop.models import Note

pytestmark = pytest.mark.django_db


class NoteSerializer(serializers.ModelSerializer[Note]):
    """Stock."""

    class Meta:
        model = Note
        fields = ["id", "text"]


class IsOwner(permissions.BasePermission):
    """As of REST framework's tutorial."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Let the owner see it."""
        return bool(obj.owner == request.user)


class NoteViewSet(
    BulkModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
):
    """Lists nothing; each note is its owner's."""

    queryset = Note.objects.order_by("pk")
    serializer_class = NoteSerializer
    permission_classes = [IsOwner]


def get_page(user: User, path: str) -> str:
    api = APIClient()
    api.force_authenticate(user)
    response = api.get(path, headers={"Accept": "text/html"})
    assert response["Content-Type"].startswith("text/html")
    return response.content.decode()


@pytest.mark.parametrize("path", ["/things/bulk/", "/things/batch/"])
def test_examples_are_rows_that_the_reader_may_see(serve: Serve, path: str) -> None:
    serve(NoteViewSet)
    ann, eve = UserFactory.create_batch(2)
    for owner, text in ((ann, "the secret of ann"), (eve, "the note of eve")):
        Note.objects.create(owner=owner, text=text)

    assert "the secret of ann" in get_page(ann, path)
    assert "the secret of ann" not in get_page(eve, path)
    assert "the note of eve" in get_page(eve, path)


def test_what_no_get_shows_is_not_shown(serve: Serve) -> None:
    class BlindViewSet(BulkModelMixin, mixins.UpdateModelMixin):
        queryset = Note.objects.order_by("pk")
        serializer_class = NoteSerializer

    serve(BlindViewSet)
    Note.objects.create(owner=UserFactory(), text="nobody reads it")

    assert "nobody reads it" not in get_page(UserFactory(), "/things/bulk/")


class NoDeletes(permissions.BasePermission):
    """Refuses with what Django raises."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Refuse a DELETE."""
        if request.method == "DELETE":
            raise PermissionDenied
        return True


class NoPuts(shop.CategorySerializer):
    """Cannot be made for a PUT."""

    def get_fields(self) -> Any:
        """Fail, or not."""
        if self.context["request"].method == "PUT":
            raise RuntimeError("There is no such form.")
        return super().get_fields()


@pytest.mark.parametrize(
    "members", [{"permission_classes": [NoDeletes]}, {"serializer_class": NoPuts}]
)
def test_what_was_done_is_told_though_a_form_cannot_be_made(
    api: APIClient, serve: Serve, members: Any
) -> None:
    serve(make_view(**members))

    page = api.post("/things/bulk/", [{"name": "a"}], headers={"Accept": "text/html"})

    assert page.status_code == 207
    assert get_names() == ["a"]
