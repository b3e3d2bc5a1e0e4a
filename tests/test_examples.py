"""Sample values: what a field gets is what the field itself accepts."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import validators
from rest_framework import serializers
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from multistatus_app import examples
from multistatus_app.examples.fields import get_value
from multistatus_app.examples.patterns import get_match
from tests.shop.models import Category, Parcel, Product
from tests.shop.views import CategoryViewSet, ParcelViewSet, ProductViewSet

pytestmark = pytest.mark.once

FIELDS: list[tuple[Any, Any]] = [
    (serializers.CharField(), "Example 1"),
    (serializers.CharField(max_length=2), "E1"),
    (serializers.CharField(max_length=1), "1"),
    (serializers.CharField(min_length=12), "Example 1xxx"),
    (serializers.CharField(default="on"), "on"),
    (serializers.RegexField(r"^[A-Z]{2}-\d{4}$"), "AA-1111"),
    (serializers.RegexField(r"^(north|south)\s?(east|west)?$"), "north east"),
    (serializers.EmailField(), "user1@example.org"),
    (serializers.EmailField(max_length=8), "u1@e.org"),
    (serializers.SlugField(), "example-1"),
    (serializers.SlugField(max_length=3), "e1"),
    (serializers.URLField(), "https://example.org/1"),
    (serializers.UUIDField(), "00000000-0000-4000-8000-000000000001"),
    (serializers.UUIDField(format="int"), 302240678275694148452353),
    (serializers.IPAddressField(), "192.0.2.1"),
    (serializers.IPAddressField(protocol="ipv6"), "2001:db8::1"),
    (serializers.BooleanField(), True),
    (serializers.BooleanField(default=False), False),
    (serializers.IntegerField(), 1),
    (serializers.IntegerField(min_value=10), 10),
    (serializers.IntegerField(max_value=-5), -5),
    (serializers.IntegerField(validators=[validators.StepValueValidator(5)]), 5),
    (serializers.FloatField(max_value=0.5), 0.5),
    (serializers.DecimalField(max_digits=5, decimal_places=2), "1.00"),
    (serializers.DecimalField(max_digits=2, decimal_places=2), "0.01"),
    (
        serializers.DecimalField(
            max_digits=5, decimal_places=2, coerce_to_string=False
        ),
        1.0,
    ),
    (serializers.DateField(), "2026-01-02"),
    (serializers.DateField(input_formats=["%d.%m.%Y"]), "02.01.2026"),
    (serializers.DateTimeField(), "2026-01-02T12:00:00Z"),
    (serializers.TimeField(), "01:30:00"),
    (serializers.DurationField(), "01:00:00"),
    (serializers.DurationField(max_value=datetime.timedelta(minutes=5)), "00:05:00"),
    (serializers.ChoiceField(["red", "green"]), "red"),
    (serializers.ChoiceField([1, 2], default=2), 2),
    (serializers.MultipleChoiceField(choices=["red", "green"]), ["red"]),
    (serializers.ListField(child=serializers.IntegerField(), min_length=2), [1, 2]),
    (serializers.DictField(child=serializers.IntegerField()), {"key": 1}),
    (serializers.JSONField(), {"key": "value 1"}),
    (serializers.ModelField(model_field=User._meta.get_field("email")), "Example 1"),
]


@pytest.mark.parametrize(("field", "value"), FIELDS)
def test_value_is_accepted(field: Any, value: Any) -> None:
    got = get_value(field)

    assert got == value
    field.run_validation(got)


def test_value_differs_by_number() -> None:
    for field in (
        serializers.CharField(max_length=5),
        serializers.IntegerField(max_value=2),
        serializers.UUIDField(),
        serializers.DateField(),
    ):
        assert get_value(field, number=1) != get_value(field, number=2)


def test_value_runs_no_code_of_the_project() -> None:
    def query(value: Any) -> None:
        raise AssertionError("a validator of the project ran")

    class Queried(serializers.CharField):
        def to_internal_value(self, data: Any) -> Any:
            raise AssertionError("a field of the project ran")

    assert get_value(serializers.CharField(validators=[query])) == "Example 1"
    assert get_value(Queried()) == "Example 1"


def test_value_of_own_field() -> None:
    class Colour(serializers.Field[Any, Any, Any, Any]):
        pass

    assert get_value(Colour()) == "Example 1"

    @examples.get_candidates.register(Colour)
    def _(field: Any, number: int) -> Any:
        yield f"#00000{number}"

    assert get_value(Colour()) == "#000001"


@pytest.mark.parametrize(
    "pattern",
    [
        r"^\w+@\d{3,}$",
        r"[^a-z0-9]x*?y+",
        r"(?i:ab|cd)[\s\S]\D\W\S",
        r"^(?!x)(?:a.b)\Z",
        r"^[^1]$",
        "[A-F0-9]{8}",
    ],
)
def test_match(pattern: str) -> None:
    assert get_match(pattern) is not None


@pytest.mark.parametrize("pattern", [r"(a)\1", "(", "[^\x00-\x7f]", "^a(?=b)b$"])
def test_no_match(pattern: str) -> None:
    match = get_match(pattern)

    assert match is None or match == "ab"


class TagSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()


class OwnerSerializer(serializers.ModelSerializer[User]):
    tags = TagSerializer(many=True)
    tag = TagSerializer()
    secret = serializers.CharField(write_only=True)
    avatar = serializers.FileField(required=False)
    hidden = serializers.HiddenField(default=1)
    shout = serializers.SerializerMethodField()
    score = serializers.SerializerMethodField()
    kind = serializers.SerializerMethodField()
    named = serializers.ReadOnlyField(source="email")
    signed = serializers.ReadOnlyField(source="is_anonymous")

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "groups",
            "date_joined",
            "tags",
            "tag",
            "secret",
            "avatar",
            "hidden",
            "shout",
            "score",
            "kind",
            "named",
            "signed",
        ]

    def get_shout(self, user: User) -> list[str]:
        return []

    def get_score(self, user: User) -> int | None:
        return None

    def get_kind(self, user: User):  # type: ignore[no-untyped-def]  # as many are
        return None


def test_example() -> None:
    assert examples.get_example(OwnerSerializer()) == {
        "username": "example-1",
        "groups": [],
        "date_joined": "2026-01-02T12:00:00Z",
        "tags": [{"label": "Example 1"}],
        "tag": {"label": "Example 1"},
        "secret": "Example 1",
    }


def test_example_partial() -> None:
    example = examples.get_example(OwnerSerializer(), partial=True, number=2)

    assert example == {"username": "example-2"}


def test_representation() -> None:
    assert examples.get_representation(OwnerSerializer()) == {
        "id": 1,
        "username": "example-1",
        "groups": [],
        "date_joined": "2026-01-02T06:00:00-06:00",
        "tags": [{"label": "Example 1"}],
        "tag": {"label": "Example 1"},
        "avatar": "https://example.org/example-1.txt",
        "shout": ["Example 1"],
        "score": 1,
        "kind": "Example 1",
        "named": "user1@example.org",
        "signed": "Example 1",
    }


class RelationSerializer(serializers.ModelSerializer[Product]):
    category = serializers.PrimaryKeyRelatedField(queryset=Category.objects.all())
    parent = serializers.PrimaryKeyRelatedField(
        queryset=Category.objects.all(), allow_null=True, required=False
    )
    parcel = serializers.PrimaryKeyRelatedField(queryset=Parcel.objects.all())
    name = serializers.SlugRelatedField("name", queryset=Category.objects.all())
    groups = serializers.PrimaryKeyRelatedField(
        queryset=Group.objects.all(), many=True, allow_empty=False
    )
    url = serializers.HyperlinkedIdentityField(view_name="product-detail")
    link = serializers.HyperlinkedRelatedField(
        "nowhere-detail", queryset=Category.objects.all()
    )
    shown = serializers.PrimaryKeyRelatedField(source="category", read_only=True)
    text = serializers.StringRelatedField[Product](source="category")

    class Meta:
        model = Product
        fields = [
            "category",
            "parent",
            "parcel",
            "name",
            "groups",
            "url",
            "link",
            "shown",
            "text",
        ]


def test_relations_without_a_query() -> None:
    assert examples.get_representation(RelationSerializer()) == {
        "category": 1,
        "parent": None,
        "parcel": "00000000-0000-4000-8000-000000000001",
        "name": "Example 1",
        "groups": [1],
        "url": "/api/products/1/",
        "link": "/1/",
        "shown": 1,
        "text": "Example 1",
    }


def test_serializer_that_contains_itself() -> None:
    class Node(serializers.Serializer[Any]):
        def get_fields(self) -> Any:
            return {"child": Node(required=False)}

    example: Any = examples.get_example(Node())

    depth = 0
    while example:
        example, depth = example["child"], depth + 1
    assert depth == 5


def test_bulk_example() -> None:
    assert examples.get_bulk_example(CategoryViewSet(), "POST") == [
        {"name": "Example 1", "parent": None},
        {"name": "Example 2", "parent": None},
    ]
    assert examples.get_bulk_example(CategoryViewSet(), "PATCH") == [
        {"id": 1, "name": "Example 1"},
        {"id": 2, "name": "Example 2"},
    ]
    assert examples.get_bulk_example(ParcelViewSet(), "DELETE") == [
        "00000000-0000-4000-8000-000000000001",
        "00000000-0000-4000-8000-000000000002",
    ]


def test_bulk_example_within_the_limit() -> None:
    view = CategoryViewSet(bulk_limit=1)

    assert len(examples.get_bulk_example(view, "POST")) == 1
    assert len(examples.get_batch_example(view)["operations"]) == 1


def test_batch_example() -> None:
    assert examples.get_batch_example(CategoryViewSet()) == {
        "operations": [
            {
                "method": "POST",
                "ref": "a",
                "data": {"name": "Example 1", "parent": None},
            },
            {"method": "PUT", "key": 2, "data": {"name": "Example 2", "parent": None}},
            {"method": "PATCH", "key": 3, "data": {"name": "Example 3"}},
            {"method": "DELETE", "key": 4},
        ]
    }


def test_example_by_action_and_method() -> None:
    class Two(ProductViewSet):
        def get_serializer_class(self) -> Any:
            posted = self.action == "create" and self.request.method == "POST"
            return TagSerializer if posted else super().get_serializer_class()

    view = Two(
        action="batch",
        request=Request(APIRequestFactory().put("/"), parsers=[JSONParser()]),
        format_kwarg=None,
    )

    assert examples.get_bulk_example(view, "POST")[0] == {"label": "Example 1"}
    assert examples.get_bulk_example(view, "PATCH")[0] == {"id": 1, "sku": "example-1"}
    assert view.action == "batch"
    assert view.request.method == "PUT"


def test_example_where_the_serializer_needs_more() -> None:
    class Needy(ProductViewSet):
        def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
            raise KeyError("tenant")

    assert examples.get_bulk_example(Needy(), "POST") == [{}, {}]


def test_key_of_an_unknown_model() -> None:
    class Free(ProductViewSet):
        queryset = None
        serializer_class = TagSerializer  # type: ignore[assignment]

    assert examples.get_key(Free()) == "example-1"
