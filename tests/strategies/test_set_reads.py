"""Code of a project that only reads takes part in sets: it may run early, and twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework import permissions, serializers
from rest_framework.filters import BaseFilterBackend
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_results
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory, UserFactory
from tests.shop.models import Category, Event, Note, Product

pytestmark = pytest.mark.django_db

Body = list[dict[str, Any]]


class OwnerOnly(permissions.BasePermission):
    """The permission of REST framework's tutorial."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Permit the owner."""
        return bool(obj.owner == request.user)


class NoteSerializer(serializers.ModelSerializer[Note]):
    """Shows all, and writes what the owner may change."""

    class Meta:
        model = Note
        fields = ["id", "text", "position", "owner"]
        read_only_fields = ["owner"]


class OwnedViewSet(BulkModelViewSet):
    """Belongs to users."""

    queryset = Note.objects.all()
    serializer_class = NoteSerializer
    permission_classes = [OwnerOnly]

    def perform_create(self, serializer: Any) -> None:
        """Save it for its owner."""
        serializer.save(owner=self.request.user)


class TenantViewSet(OwnedViewSet):
    """Shows a user's own."""

    permission_classes = [permissions.IsAuthenticated]

    def get_queryset(self) -> Any:
        """Filter by the user."""
        return Note.objects.filter(owner=self.request.user)


class OwnBackend(BaseFilterBackend):
    """A filter of the project's."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        """Filter by the user."""
        return queryset.filter(owner=request.user)


class FilteredViewSet(OwnedViewSet):
    """Shows a user's own, too."""

    permission_classes = [permissions.IsAuthenticated]
    filter_backends = [OwnBackend]


class ChangingSerializer(NoteSerializer):
    """Of updates."""

    text = serializers.CharField(max_length=5)


class ByActionViewSet(TenantViewSet):
    """Has a serializer for each action."""

    def get_serializer_class(self) -> Any:
        """Choose."""
        return NoteSerializer if self.action == "create" else ChangingSerializer


class Upper(serializers.CharField):
    """A field class of the project's."""

    def to_internal_value(self, data: Any) -> Any:
        """Make it upper case."""
        return super().to_internal_value(data).upper()


class CheckingSerializer(NoteSerializer):
    """Validates in every way there is."""

    text = Upper(max_length=80, validators=[lambda value: refuse("VALIDATOR", value)])

    def validate_text(self, value: str) -> str:
        """Validate the field."""
        refuse("FIELD", value)
        return value + "!"

    def validate(self, attrs: Any) -> Any:
        """Validate the whole, and look at the instance."""
        refuse("WHOLE", attrs["text"])
        if self.instance is not None and self.instance.position > 8:
            raise serializers.ValidationError("It is too far.")
        return attrs

    def to_representation(self, instance: Any) -> Any:
        """Show more."""
        return super().to_representation(instance) | {"more": instance.text.lower()}


def refuse(part: str, value: str) -> None:
    """Refuse a text that names this part of validation."""
    if part in value:
        raise serializers.ValidationError(f"Not {part}.", code=part)


class CheckingViewSet(TenantViewSet):
    """Validates."""

    serializer_class = CheckingSerializer


def make_notes(user: Any) -> Callable[[str, int], Body]:
    """Return a function that makes a body, and the rows that it is about."""

    def make(method: str, count: int) -> Body:
        texts = [f"t{number}" for number in range(count)]
        texts[1:4] = ["validator", "a field", "the whole text"]
        if method == "post":
            return [{"text": text} for text in texts]
        notes = [
            Note.objects.create(owner=user, text="old", position=place)
            for place in range(count)
        ]
        body: Body = [
            {"id": note.pk, "text": text}
            for note, text in zip(notes, texts, strict=True)
        ]
        if method == "delete":
            return [{"id": each["id"]} for each in body]
        return body

    return make


VIEWSETS = [
    OwnedViewSet,
    TenantViewSet,
    FilteredViewSet,
    ByActionViewSet,
    CheckingViewSet,
]


def send(
    api: APIClient, method: str, body: Body, smallest: int | None
) -> tuple[list[Any], int]:
    """Return what is answered but for keys, and the number of statements."""
    if method == "delete":
        body = [each["id"] for each in body]  # type: ignore[misc]
    with (
        override_settings(MULTISTATUS={"MIN_SET_SIZE": smallest}),
        CaptureQueriesContext(connection) as queries,
    ):
        response = getattr(api, method)("/things/bulk/", body)
    answers = [
        (
            each["status"],
            each.get("error"),
            {
                name: value
                for name, value in (each.get("data") or {}).items()
                if name != "id"
            },
        )
        for each in get_results(response)
    ]
    return answers, len(queries)


@pytest.mark.parametrize("method", ["post", "patch", "delete"])
@pytest.mark.parametrize("viewset", VIEWSETS)
def test_outcomes_are_those_of_one_by_one(
    api: APIClient, serve: Serve, viewset: Any, method: str
) -> None:
    serve(viewset)
    user = UserFactory()
    api.force_authenticate(user)
    make = make_notes(user)

    singly, _ = send(api, method, make(method, 12), None)
    others = make_notes(UserFactory())(method, 4)
    together, _ = send(api, method, make(method, 12), 1)
    strangers = [send(api, method, others, each)[0] for each in (None, 1)]

    assert together == singly
    assert strangers[0] == strangers[1] or method == "post"


@pytest.mark.parametrize("method", ["post", "patch", "delete"])
@pytest.mark.parametrize("viewset", VIEWSETS)
def test_more_operations_are_no_more_statements(
    api: APIClient, serve: Serve, viewset: Any, method: str
) -> None:
    serve(viewset)
    user = UserFactory()
    api.force_authenticate(user)
    make = make_notes(user)

    few, more = (send(api, method, make(method, count), 1)[1] for count in (5, 9))

    assert few == more


class CategorySerializer(serializers.ModelSerializer[Category]):
    """Nested."""

    class Meta:
        model = Category
        fields = ["name"]


class ShowingSerializer(serializers.ModelSerializer[Product]):
    """Shows a related row, and what follows one."""

    inside = CategorySerializer(source="category", read_only=True)
    label = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = ["id", "sku", "name", "price", "category", "inside", "label"]

    def get_label(self, product: Product) -> str:
        """Follow it."""
        return f"{product.category.name} {product.name}"


class ShowingViewSet(BulkModelViewSet):
    """Joins what it shows."""

    queryset = Product.objects.select_related("category")
    serializer_class = ShowingSerializer


def make_products(method: str, count: int) -> Body:
    """Make a body, and the rows that it is about."""
    category = Category.objects.first() or CategoryFactory(name="c")
    if method == "post":
        start = Product.objects.count()
        return [
            {"sku": f"s{start + n}", "name": "n", "price": "1", "category": category.pk}
            for n in range(count)
        ]
    return [
        {"id": ProductFactory(category=category, name="old").pk, "name": f"n{number}"}
        for number in range(count)
    ]


@pytest.mark.parametrize("method", ["post", "patch"])
def test_what_is_shown(api: APIClient, serve: Serve, method: str) -> None:
    serve(ShowingViewSet)

    few = send(api, method, make_products(method, 5), 1)[1]
    answers, more = send(api, method, make_products(method, 9), 1)

    assert few == more
    assert {each[2]["inside"]["name"] for each in answers} == {"c"}
    assert {each[2]["label"][:3] for each in answers} == {"c n"}


class AskingSerializer(NoteSerializer):
    """Asks the database whether a text is known."""

    def validate_text(self, value: str) -> str:
        """Ask."""
        if Event.objects.filter(text=value).exists():
            raise serializers.ValidationError("It is known.")
        return value


class TestStatements:
    """Code that asks the database runs where it would have run alone."""

    def test_of_each_operation(self, api: APIClient, serve: Serve) -> None:
        class Asking(TenantViewSet):
            serializer_class = AskingSerializer

            def perform_create(self, serializer: Any) -> None:
                Event.objects.create(text=serializer.validated_data["text"])
                serializer.save(owner=self.request.user)

        serve(Asking)
        api.force_authenticate(UserFactory())

        answers, _ = send(api, "post", [{"text": text} for text in "abacb"], 1)

        assert [each[0] for each in answers] == [201, 201, 400, 201, 400]

    def test_are_named_in_the_log(
        self, api: APIClient, serve: Serve, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Asking(TenantViewSet):
            serializer_class = AskingSerializer

        serve(Asking)
        api.force_authenticate(UserFactory())

        with caplog.at_level("DEBUG", "multistatus_app"):
            send(api, "post", [{"text": f"t{number}"} for number in range(12)], 1)

        assert f"{__name__}.AskingSerializer.validate_text(), line " in caplog.text

    def test_of_one(self, api: APIClient, serve: Serve) -> None:
        """Others are written together."""

        class SometimesAsking(AskingSerializer):
            def validate_text(self, value: str) -> str:
                return super().validate_text(value) if value == "ask" else value

        class Asking(TenantViewSet):
            serializer_class = SometimesAsking

        serve(Asking)
        api.force_authenticate(UserFactory())
        body = [{"text": f"t{number}"} for number in range(20)]

        _, without = send(api, "post", body, 1)
        body[7] = {"text": "ask"}
        answers, statements = send(api, "post", body, 1)

        assert {each[0] for each in answers} == {201}
        assert statements < without + 15


def test_a_permission_that_must_not_run_early(api: APIClient, serve: Serve) -> None:
    asked = []

    class Charging(permissions.IsAuthenticated):
        bulk_columns = False

        def has_permission(self, request: Any, view: Any) -> bool:
            if view.action == "create":
                asked.append(request.data.get("text"))
            return super().has_permission(request, view)

    class Charged(TenantViewSet):
        permission_classes = [Charging]

    serve(Charged)
    api.force_authenticate(UserFactory())
    send(api, "post", [{"text": text} for text in "abcd"], 1)

    assert [each for each in asked if each is not None] == [*"abcd"]
