"""The browsable page of our routes shows no row that its reader may not see."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from rest_framework import mixins, permissions, serializers
from rest_framework.test import APIClient

from multistatus_app.mixins import BulkModelMixin
from tests.conftest import Serve
from tests.factories import ProductFactory, UserFactory
from tests.handlers.viewsets import get_names, make_view
from tests.shop import serializers as shop
from tests.shop.models import Note
from tests.shop.views import ProductViewSet, SkuViewSet

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


def get_forms(path: str) -> Any:
    """Return the content of each form of a page, by method."""
    found = re.findall(
        r'id="(\w+)-bulk-form".*?<textarea[^>]*>(.*?)</textarea>',
        get_page(UserFactory(), path),
        re.DOTALL,
    )
    return {method.upper(): json.loads(unescape(text)) for method, text in found}


@pytest.fixture
def products() -> list[Any]:
    """Return two products."""
    return [
        ProductFactory(pk=number, sku=f"sku-{number}", name=f"Product {number}")
        for number in (1, 2)
    ]


EMPTY = {
    "sku": "",
    "name": "",
    "price": None,
    "stock": None,
    "category": None,
    "tags": [],
    "attributes": None,
}


def get_shown(product: Any) -> dict[str, Any]:
    return EMPTY | {
        "sku": product.sku,
        "name": product.name,
        "price": "9.50",
        "stock": 0,
        "category": product.category.pk,
        "attributes": {},
    }


def test_forms_of_rows(serve: Serve, products: list[Any]) -> None:
    serve(ProductViewSet)
    first, second = products

    assert get_forms("/things/bulk/") == {
        "POST": [EMPTY | {"category": first.category.pk}],
        "PUT": [{"id": 1} | get_shown(first), {"id": 2} | get_shown(second)],
        "PATCH": [{"id": 1, "sku": "sku-1"}, {"id": 2, "sku": "sku-2"}],
        "DELETE": [1, 2],
    }


def test_form_of_a_batch_of_rows(serve: Serve, products: list[Any]) -> None:
    serve(SkuViewSet)
    first, second = products

    assert get_forms("/things/batch/")["POST"]["operations"] == [
        {
            "method": "POST",
            "ref": "a",
            "data": EMPTY | {"category": first.category.pk},
        },
        {"method": "PUT", "key": "sku-2", "data": get_shown(second)},
        {"method": "PATCH", "key": "sku-2", "data": {"sku": "sku-2"}},
        {"method": "DELETE", "key": "sku-2"},
    ]


def test_forms_without_rows_are_those_of_rest_framework(serve: Serve) -> None:
    serve(ProductViewSet)

    forms = get_forms("/things/bulk/")
    batch = get_forms("/things/batch/")["POST"]

    assert forms == {
        "POST": [EMPTY],
        "PUT": [{"id": None} | EMPTY],
        "PATCH": [{"id": None, "sku": ""}],
        "DELETE": [None],
    }
    assert batch["operations"][1] == {"method": "PUT", "key": None, "data": EMPTY}


def test_forms_within_the_limit(serve: Serve, products: list[Any]) -> None:
    class OneViewSet(ProductViewSet):
        bulk_limit = 1

    serve(OneViewSet)

    forms = get_forms("/things/bulk/")
    assert {method: len(body) for method, body in forms.items()} == dict.fromkeys(
        ("POST", "PUT", "PATCH", "DELETE"), 1
    )
    assert len(get_forms("/things/batch/")["POST"]["operations"]) == 1


def test_form_by_action_and_method(serve: Serve) -> None:
    class TextSerializer(serializers.Serializer[Any]):
        text = serializers.CharField(initial="here")
        hidden = serializers.HiddenField(default=1)
        upload = serializers.FileField()
        shown = serializers.CharField(read_only=True)

    class TwoViewSet(ProductViewSet):
        def get_serializer_class(self) -> Any:
            posted = self.action == "create" and self.request.method == "POST"
            return TextSerializer if posted else super().get_serializer_class()

    serve(TwoViewSet)

    forms = get_forms("/things/bulk/")
    assert forms["POST"] == [{"text": "here"}]
    assert forms["PUT"] == [{"id": None} | EMPTY]


def test_form_of_a_patch_shows_a_plain_member(serve: Serve) -> None:
    class LinesSerializer(serializers.Serializer[Any]):
        lines = serializers.ListField(child=serializers.CharField())
        text = serializers.CharField()

    class LinesViewSet(ProductViewSet):
        serializer_class = LinesSerializer  # type: ignore[assignment]

    serve(LinesViewSet)

    assert get_forms("/things/bulk/")["PATCH"] == [{"id": None, "text": ""}]


def test_form_where_the_serializer_needs_more(serve: Serve) -> None:
    class NeedyViewSet(ProductViewSet):
        def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
            raise KeyError("tenant")

    serve(NeedyViewSet)

    assert get_forms("/things/bulk/")["POST"] == [{}]


def test_form_shows_what_was_sent(serve: Serve) -> None:
    serve(ProductViewSet)
    api = APIClient()
    sent = [{"sku": "mine"}]

    response = api.post(
        "/things/bulk/", sent, format="json", headers={"Accept": "text/html"}
    )

    assert response.status_code == 207
    assert "&quot;sku&quot;: &quot;mine&quot;" in response.content.decode()


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
