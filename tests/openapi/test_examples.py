"""The examples of the document: valid, and answered as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.test import APIClient

from tests.openapi.documents import (
    STYLES,
    Annotated,
    BySlug,
    NestedSerializer,
    Other,
    Schema,
    Stock,
    add_bulk,
    assert_examples,
    generate,
    get_answer,
    get_batch,
    get_body,
    get_bulk,
    get_operations,
    get_patterns,
    get_validator,
    is_ours,
)
from tests.shop.models import Category

pytestmark = pytest.mark.once


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("style", STYLES)
def test_examples_are_valid(style: str, split: bool) -> None:
    patterns = get_patterns(things=add_bulk(*STYLES[style]), other=Other)

    assert_examples(generate(patterns, COMPONENT_SPLIT_REQUEST=split))


def test_examples_are_there() -> None:
    schema = generate(get_patterns(things=add_bulk(Stock), other=Other))

    for method in ("post", "put", "patch", "delete"):
        assert get_body(get_bulk(schema, method))["examples"]
    assert get_body(get_batch(schema))["examples"]


def test_no_example_of_what_is_unknown() -> None:
    schema = generate(get_patterns(things=add_bulk(Annotated), other=Other))

    assert "examples" in get_body(get_bulk(schema, "post"))
    assert "examples" not in get_body(get_bulk(schema, "patch"))
    assert "examples" not in get_body(get_batch(schema))


def test_example_of_a_computed_field_is_of_its_type() -> None:
    schema = generate(get_patterns(things=add_bulk(NestedSerializer)))

    (example,) = get_answer(get_bulk(schema))["examples"].values()
    assert example["value"]["results"][0]["data"]["rating"] == 1.5


@pytest.mark.django_db
@pytest.mark.parametrize("style", ["stock", "slug", "uuid", "per-action"])
def test_examples_are_answered_as_documented(
    style: str, served: Callable[[Any], Schema]
) -> None:
    schema = served(add_bulk(*STYLES[style]))
    for number in (1, 2):
        Category.objects.create(id=number, name=f"Category {number}")
    validate = get_validator(schema, read=True)
    client = APIClient()

    operations = [each for each in get_operations(schema) if is_ours(each[0])]
    assert len(operations) == 5
    for route, method, operation in operations:
        (example,) = get_body(operation)["examples"].values()
        response = getattr(client, method)(route, example["value"], format="json")
        assert response.status_code == 207
        validate(response.json(), get_answer(operation)["schema"])
        assert "Multistatus-Summary" in response.headers
        (answer,) = get_answer(operation)["examples"].values()
        done, shown = response.json()["results"][0], answer["value"]["results"][0]
        if done["status"] == shown["status"]:
            # A tag that would take another read is left out.
            assert done.keys() | {"etag"} == shown.keys() | {"etag"}
            assert done.get("data", {}).keys() == shown.get("data", {}).keys()


class CodeField(serializers.RegexField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^\d{4}-\d{4}$", **kwargs)


@extend_schema_field({"type": "string", "pattern": "^[0-9-]+$", "example": "1234-5678"})
class ExampleCodeField(CodeField):
    pass


@extend_schema_field({"type": "string", "example": "A B"})
class ExampleNameField(serializers.CharField):
    pass


def document_field(field: serializers.Field[Any, Any, Any, Any]) -> Schema:
    """Return the document of a viewset whose serializer has this field, and a name."""
    serializer = type(
        "CodedSerializer",
        (serializers.Serializer,),
        {"name": serializers.CharField(), "code": field},
    )
    viewset = type("Coded", (add_bulk(Stock),), {"serializer_class": serializer})
    return generate(get_patterns(things=viewset, other=Other), validate=True)


def test_no_example_where_a_pattern_is_not_matched() -> None:
    schema = document_field(CodeField())

    post = get_bulk(schema, "post")
    assert "examples" not in get_body(post)
    assert "examples" not in get_answer(post)
    assert "examples" not in get_answer(post, "xml")
    assert "examples" not in get_body(get_batch(schema))
    assert "examples" in get_body(get_bulk(schema, "delete"))
    (patch,) = get_body(get_bulk(schema, "patch"))["examples"].values()
    assert patch["value"][0] == {"id": 1, "name": "Example 1"}


def test_no_member_where_its_pattern_is_not_matched() -> None:
    schema = document_field(CodeField(required=False))

    (post,) = get_body(get_bulk(schema))["examples"].values()
    assert post["value"] == [{"name": "Example 1"}, {"name": "Example 2"}]
    assert_examples(schema)


def test_example_that_is_given() -> None:
    schema = document_field(ExampleCodeField())

    (post,) = get_body(get_bulk(schema))["examples"].values()
    assert post["value"][0] == {"name": "Example 1", "code": "1234-5678"}
    assert_examples(schema)


@pytest.mark.parametrize("split", [True, False])
def test_members_of_one_direction(split: bool) -> None:
    class SecretSerializer(serializers.Serializer[Any]):
        id = serializers.IntegerField(read_only=True)
        name = serializers.CharField()
        secret = serializers.CharField(write_only=True)
        hidden = serializers.HiddenField(default=1)

    viewset = type("Own", (add_bulk(Stock),), {"serializer_class": SecretSerializer})
    schema = generate(get_patterns(things=viewset), COMPONENT_SPLIT_REQUEST=split)

    (post,) = get_body(get_bulk(schema))["examples"].values()
    (answer,) = get_answer(get_bulk(schema))["examples"].values()
    done = answer["value"]["results"]
    assert post["value"][0] == {"name": "Example 1", "secret": "Example 1"}
    assert done[0]["data"] == {"id": 1, "name": "Example 1"}
    assert done[1]["error"]["errors"][0]["pointer"] == "#/name"


def test_file_is_left_out_of_a_request() -> None:
    class UploadSerializer(serializers.Serializer[Any]):
        name = serializers.CharField()
        upload = serializers.FileField(required=False)

    viewset = type("Own", (add_bulk(Stock),), {"serializer_class": UploadSerializer})
    schema = generate(get_patterns(things=viewset), COMPONENT_SPLIT_REQUEST=True)

    (post,) = get_body(get_bulk(schema))["examples"].values()
    (answer,) = get_answer(get_bulk(schema))["examples"].values()
    assert post["value"][0] == {"name": "Example 1"}
    assert answer["value"]["results"][0]["data"] == {
        "name": "Example 1",
        "upload": "https://example.org/1",
    }


def test_serializer_that_contains_itself() -> None:
    class NodeSerializer(serializers.Serializer[Any]):
        name = serializers.CharField()

        def get_fields(self) -> Any:
            return super().get_fields() | {"nodes": NodeSerializer(many=True)}

    viewset = type("Tree", (add_bulk(Stock),), {"serializer_class": NodeSerializer})
    schema = generate(get_patterns(things=viewset), validate=True)

    (post,) = get_body(get_bulk(schema))["examples"].values()
    assert post["value"][0] == {"name": "Example 1", "nodes": []}
    assert_examples(schema)


def test_key_as_the_route_takes_it() -> None:
    viewset = type("Coded", (add_bulk(BySlug),), {"lookup_value_regex": "[A-Z]{2}"})
    schema = generate(get_patterns(things=viewset))

    (delete,) = get_body(get_bulk(schema, "delete"))["examples"].values()
    (answer,) = get_answer(get_bulk(schema, "delete"))["examples"].values()
    assert delete["value"] == ["AA", "BB"]
    assert answer["value"]["results"][0]["href"] == "/api/things/AA/"
    # What the serializer allows, the route does not.
    assert "examples" not in get_body(get_bulk(schema, "put"))


def test_key_is_quoted_in_a_path() -> None:
    class NameSerializer(serializers.Serializer[Any]):
        name = ExampleNameField()

    members = {"serializer_class": NameSerializer, "lookup_field": "name"}
    viewset = type("Named", (add_bulk(Stock),), members)
    schema = generate(get_patterns(things=viewset))

    (answer,) = get_answer(get_bulk(schema, "put"))["examples"].values()
    assert answer["value"]["results"][0]["href"] == "/api/things/A%20B/"


def test_patch_shows_a_plain_member() -> None:
    class LinesSerializer(serializers.Serializer[Any]):
        lines = serializers.ListField(child=serializers.CharField())
        name = serializers.CharField()

    viewset = type("Own", (add_bulk(Stock),), {"serializer_class": LinesSerializer})
    schema = generate(get_patterns(things=viewset))

    (patch,) = get_body(get_bulk(schema, "patch"))["examples"].values()
    assert patch["value"][0] == {"id": 1, "name": "Example 1"}


def test_create_that_needs_nothing_is_done() -> None:
    class OptionalSerializer(serializers.Serializer[Any]):
        name = serializers.CharField(required=False)

    viewset = type("Own", (add_bulk(Stock),), {"serializer_class": OptionalSerializer})
    schema = generate(get_patterns(things=viewset))

    (answer,) = get_answer(get_bulk(schema))["examples"].values()
    assert [each["status"] for each in answer["value"]["results"]] == [201, 201]
    assert_examples(schema)
