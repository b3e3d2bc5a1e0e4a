"""What each of our routes says: parameters, bodies and answers."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models.functions import Upper
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from rest_framework import serializers

from multistatus_app.viewsets import BulkModelViewSet
from tests.openapi.documents import (
    DEFAULTS,
    BySlug,
    CreateOnly,
    NestedSerializer,
    NoPut,
    Paginated,
    PerAction,
    ReadOnly,
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
    is_ours,
    resolve,
)
from tests.shop.models import Category

pytestmark = pytest.mark.once


def test_routes() -> None:
    patterns = get_patterns(
        things=add_bulk(Stock),
        makers=add_bulk(CreateOnly),
        readers=add_bulk(ReadOnly),
        patchers=add_bulk(NoPut),
    )
    schema = generate(patterns)

    ours = {
        (method, route): operation["operationId"]
        for route, method, operation in get_operations(schema)
        if is_ours(route)
    }
    assert ours == {
        ("post", "/api/makers/batch/"): "makers_batch_create",
        ("post", "/api/makers/bulk/"): "makers_bulk_create",
        ("post", "/api/patchers/batch/"): "patchers_batch_create",
        ("post", "/api/patchers/bulk/"): "patchers_bulk_create",
        ("patch", "/api/patchers/bulk/"): "patchers_bulk_partial_update",
        ("delete", "/api/patchers/bulk/"): "patchers_bulk_destroy",
        ("post", "/api/things/batch/"): "things_batch_create",
        ("post", "/api/things/bulk/"): "things_bulk_create",
        ("put", "/api/things/bulk/"): "things_bulk_update",
        ("patch", "/api/things/bulk/"): "things_bulk_partial_update",
        ("delete", "/api/things/bulk/"): "things_bulk_destroy",
    }


def test_parameters() -> None:
    operation = get_bulk(generate(get_patterns(things=add_bulk(Paginated))))

    names = [(each["in"], each["name"]) for each in operation["parameters"]]
    assert names == [
        ("header", "Prefer"),
        ("query", "atomic"),
        ("query", "dry_run"),
        ("query", "format"),
        ("query", "only_failures"),
    ]


def test_headers_of_the_answer() -> None:
    operation = get_bulk(generate(get_patterns(things=add_bulk(Stock))))

    headers = operation["responses"]["207"]["headers"]
    assert list(headers) == ["Multistatus-Summary", "Preference-Applied"]


def test_bulk_bodies() -> None:
    schema = generate(
        get_patterns(things=add_bulk(Stock)), COMPONENT_SPLIT_REQUEST=True
    )

    for method, items in {
        "post": {"$ref": "#/components/schemas/CategoryRequest"},
        "put": {"$ref": "#/components/schemas/KeyedCategoryRequest"},
        "patch": {"$ref": "#/components/schemas/KeyedPatchedCategoryRequest"},
        "delete": {"type": "integer"},
    }.items():
        operation = get_bulk(schema, method)
        assert operation["requestBody"]["required"] is True
        assert list(operation["requestBody"]["content"]) == ["application/json"]
        assert get_body(operation)["schema"] == {
            "type": "array",
            "items": items,
            "minItems": 1,
            "maxItems": 1000,
        }
    assert schema["components"]["schemas"]["KeyedCategoryRequest"] == {
        "allOf": [
            {"$ref": "#/components/schemas/CategoryRequest"},
            {"$ref": "#/components/schemas/CategoryKey"},
        ]
    }
    assert schema["components"]["schemas"]["CategoryKey"] == {
        "type": "object",
        "properties": {"id": {"type": "integer"}},
        "required": ["id"],
    }


def test_key_that_is_a_field_already() -> None:
    schema = generate(get_patterns(things=add_bulk(BySlug)))

    put = get_body(get_bulk(schema, "put"))["schema"]["items"]
    patch = get_body(get_bulk(schema, "patch"))["schema"]["items"]
    delete = get_body(get_bulk(schema, "delete"))["schema"]["items"]
    assert put == {"$ref": "#/components/schemas/Product"}
    assert patch == {"$ref": "#/components/schemas/KeyedPatchedProduct"}
    assert delete == {"type": "string"}
    member = resolve(schema, resolve(schema, patch)["allOf"][1])
    assert list(member["properties"]) == member["required"] == ["sku"]


def test_key_that_is_no_column() -> None:
    class UpperSerializer(serializers.ModelSerializer[Category]):
        upper = serializers.IntegerField(read_only=True)

        class Meta:
            model = Category
            fields = ["name", "upper"]

    viewset = type(
        "ByUpper",
        (add_bulk(Stock),),
        {
            "queryset": Category.objects.annotate(upper=Upper("name")),
            "serializer_class": UpperSerializer,
            "lookup_field": "upper",
        },
    )
    with patched_settings(DEFAULTS):
        schema = SchemaGenerator(patterns=get_patterns(things=viewset)).get_schema(
            public=True
        )

    put = get_body(get_bulk(schema, "put"))["schema"]["items"]
    member = resolve(schema, resolve(schema, put)["allOf"][1])
    assert member["properties"] == {"upper": {"type": "integer"}}


def test_limit() -> None:
    viewset = type("Few", (BulkModelViewSet,), dict(vars(Stock)) | {"bulk_limit": 1})
    schema = generate(get_patterns(things=viewset))

    batch = get_body(get_batch(schema))
    assert get_body(get_bulk(schema))["schema"]["maxItems"] == 1
    assert batch["schema"]["properties"]["operations"]["maxItems"] == 1
    assert_examples(schema)


def test_batch_body() -> None:
    schema = generate(get_patterns(things=add_bulk(NoPut)))

    body = get_body(get_batch(schema))["schema"]
    union = body["properties"]["operations"]["items"]
    assert body["required"] == ["operations"]
    assert union["discriminator"] == {
        "propertyName": "method",
        "mapping": {
            "POST": "#/components/schemas/CategoryCreateOperation",
            "PATCH": "#/components/schemas/CategoryPartialUpdateOperation",
            "DELETE": "#/components/schemas/CategoryDestroyOperation",
        },
    }
    mapping = union["discriminator"]["mapping"]
    assert union["oneOf"] == [{"$ref": each} for each in mapping.values()]
    members = {
        name: (
            list(resolve(schema, each)["properties"]),
            resolve(schema, each)["required"],
        )
        for name, each in zip(mapping, union["oneOf"], strict=True)
    }
    assert members == {
        "POST": (["method", "ref", "data"], ["data", "method"]),
        "PATCH": (
            ["method", "ref", "key", "if_match", "data"],
            ["data", "key", "method"],
        ),
        "DELETE": (["method", "ref", "key", "if_match"], ["key", "method"]),
    }


def test_answer_with_the_representations() -> None:
    schema = generate(get_patterns(things=add_bulk(PerAction)))

    def get_data(operation: Schema) -> Any:
        results = resolve(schema, get_answer(operation)["schema"])
        result = resolve(schema, results["properties"]["results"]["items"])
        return result["properties"].get("data")

    category = {"$ref": "#/components/schemas/Category"}
    rename = {"$ref": "#/components/schemas/Rename"}
    assert get_data(get_bulk(schema, "post")) == category
    assert get_data(get_bulk(schema, "patch")) == rename
    assert get_data(get_bulk(schema, "delete")) is None
    assert get_data(get_batch(schema)) == {"anyOf": [category, rename]}


def test_xml_of_the_answer() -> None:
    schema = generate(get_patterns(things=add_bulk(NestedSerializer)))

    document = resolve(schema, get_answer(get_bulk(schema), "xml")["schema"])
    response = resolve(schema, document["properties"]["response"]["items"])
    data = response["properties"]["data"]
    lines = data["properties"]["lines"]
    assert document["xml"] == {
        "name": "multistatus",
        "namespace": "DAV:",
        "prefix": "D",
    }
    assert response["xml"] == {"name": "response", "namespace": "DAV:", "prefix": "D"}
    assert data["xml"] == {
        "name": "data",
        "namespace": "urn:multistatus",
        "prefix": "m",
    }
    assert lines["xml"] == {
        "name": "lines",
        "namespace": "urn:multistatus:fields",
        "prefix": "f",
        "wrapped": True,
    }
    assert lines["items"]["xml"]["name"] == "item"
    assert lines["items"]["properties"]["count"]["xml"]["prefix"] == "f"
    operation = resolve(schema, response["properties"]["operation"])
    assert operation["properties"]["index"]["xml"] == {"attribute": True}
