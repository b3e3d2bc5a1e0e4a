"""The OpenAPI document: valid, true, and without a trace on the single endpoints."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import jsonschema
import pytest
from django.contrib.auth.models import Group
from django.urls import include, path
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.extensions import OpenApiViewExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.settings import patched_settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from drf_spectacular.validation import validate_schema
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator
from rest_framework import (
    authentication,
    mixins,
    pagination,
    permissions,
    routers,
    serializers,
    throttling,
    versioning,
    viewsets,
)
from rest_framework.schemas.openapi import AutoSchema as RestFrameworkSchema
from rest_framework.test import APIClient
from rest_framework.views import exception_handler
from rest_framework_nested.routers import NestedSimpleRouter

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.throttling import BulkRateThrottle
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop.models import Category, Parcel, Product
from tests.xml import get_facts, get_json_facts, parse

pytestmark = pytest.mark.once

GOLDEN = Path(__file__).parent / "golden" / "openapi.json"

DEFAULTS = {
    "OAS_VERSION": "3.0.3",
    "COMPONENT_SPLIT_REQUEST": False,
    "SCHEMA_PATH_PREFIX": None,
}

Schema = dict[str, Any]


# Viewsets, each a way to write one


class CategorySerializer(serializers.ModelSerializer[Category]):
    class Meta:
        model = Category
        fields = ["id", "name", "parent"]


class RenameSerializer(serializers.ModelSerializer[Category]):
    class Meta:
        model = Category
        fields = ["name"]


class ProductSerializer(serializers.ModelSerializer[Product]):
    class Meta:
        model = Product
        fields = ["sku", "name", "price", "stock", "category", "tags", "attributes"]


class ParcelSerializer(serializers.ModelSerializer[Parcel]):
    class Meta:
        model = Parcel
        fields = ["id", "label"]


class LineSerializer(serializers.Serializer[Any]):
    size = serializers.ChoiceField(["S", "M"])
    count = serializers.IntegerField(min_value=1)


class OrderSerializer(serializers.ModelSerializer[Group]):
    lines = LineSerializer(many=True)
    gift = LineSerializer(required=False, allow_null=True)
    method = serializers.ChoiceField(["card", "cash"])
    status = serializers.ChoiceField([200, 404], read_only=True)
    rating = serializers.SerializerMethodField()

    class Meta:
        model = Group
        fields = ["id", "name", "lines", "gift", "method", "status", "rating"]

    @extend_schema_field(OpenApiTypes.DOUBLE)
    def get_rating(self, group: Group):  # type: ignore[no-untyped-def]  # annotated above
        return 0.5


class Stock(viewsets.ModelViewSet[Category]):
    """Categories."""

    queryset = Category.objects.all()
    serializer_class = CategorySerializer


class Behind(Stock):
    """Named last: the mixin behind DRF's own."""


class Annotated(Stock):
    @extend_schema(summary="Make one", request=RenameSerializer)
    def create(self, *args: Any, **kwargs: Any) -> Any:
        return super().create(*args, **kwargs)

    @extend_schema(responses={200: RenameSerializer, 404: None})
    def update(self, *args: Any, **kwargs: Any) -> Any:
        return super().update(*args, **kwargs)

    @extend_schema(
        request={"application/json": OpenApiRequest(OpenApiTypes.OBJECT)},
        responses={(200, "application/json"): OpenApiResponse({"type": "object"})},
    )
    def partial_update(self, *args: Any, **kwargs: Any) -> Any:
        return super().partial_update(*args, **kwargs)


@extend_schema_view(
    list=extend_schema(summary="All of them"),
    create=extend_schema(tags=["making"], auth=[{"token": []}]),
    destroy=extend_schema(responses={200: RenameSerializer}),
)
class AnnotatedView(Stock):
    pass


@extend_schema(
    tags=["classy"],
    parameters=[OpenApiParameter("X-Tenant", str, OpenApiParameter.HEADER)],
)
class AnnotatedClass(Stock):
    pass


class TaggedSchema(AutoSchema):
    def get_tags(self) -> list[str]:
        return ["tagged"]


class OwnSchema(Stock):
    schema = TaggedSchema()

    @extend_schema(description="With a schema of its own.")
    def create(self, *args: Any, **kwargs: Any) -> Any:
        return super().create(*args, **kwargs)


class CreateOnly(mixins.CreateModelMixin, viewsets.GenericViewSet[Category]):
    queryset = Category.objects.all()
    serializer_class = CategorySerializer


class ReadOnly(viewsets.ReadOnlyModelViewSet[Category]):
    queryset = Category.objects.all()
    serializer_class = CategorySerializer


class NoPut(Stock):
    http_method_names = ["get", "post", "patch", "delete"]


class BySlug(viewsets.ModelViewSet[Product]):
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    lookup_field = "sku"


class ByUUID(viewsets.ModelViewSet[Parcel]):
    queryset = Parcel.objects.all()
    serializer_class = ParcelSerializer


class PerAction(Stock):
    def get_serializer_class(self) -> Any:
        short = self.action in ("update", "partial_update")
        return RenameSerializer if short else CategorySerializer


class NestedSerializer(viewsets.ModelViewSet[Group]):
    queryset = Group.objects.all()
    serializer_class = OrderSerializer


class Paginated(Stock):
    pagination_class = pagination.PageNumberPagination


class Modelless(
    mixins.CreateModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet[Any]
):
    serializer_class = LineSerializer

    @extend_schema(parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH)])
    def destroy(self, *args: Any, **kwargs: Any) -> Any:
        return super().destroy(*args, **kwargs)

    def get_queryset(self) -> Any:
        raise AssertionError("no model")


class Other(viewsets.ReadOnlyModelViewSet[Parcel]):
    queryset = Parcel.objects.all()
    serializer_class = ParcelSerializer


STYLES: dict[str, tuple[type[Any], Literal["before", "after"]]] = {
    "stock": (Stock, "before"),
    "behind": (Behind, "after"),
    "annotated": (Annotated, "before"),
    "annotated-view": (AnnotatedView, "before"),
    "annotated-class": (AnnotatedClass, "after"),
    "own-schema": (OwnSchema, "before"),
    "create-only": (CreateOnly, "before"),
    "read-only": (ReadOnly, "before"),
    "no-put": (NoPut, "after"),
    "slug": (BySlug, "before"),
    "uuid": (ByUUID, "before"),
    "per-action": (PerAction, "before"),
    "nested-serializer": (NestedSerializer, "before"),
    "paginated": (Paginated, "before"),
    "modelless": (Modelless, "before"),
}


def add_bulk(viewset: type[Any], place: str = "before") -> Any:
    """Return the viewset with our routes, under the same name."""
    bases = (
        (BulkModelMixin, viewset) if place == "before" else (viewset, BulkModelMixin)
    )
    return type(viewset.__name__, bases, {"__doc__": viewset.__doc__})


def get_patterns(**registered: Any) -> list[Any]:
    router = routers.SimpleRouter()
    for prefix, viewset in registered.items():
        router.register(prefix, viewset, basename=prefix)
    return [path("api/", include(router.urls))]


def generate(patterns: list[Any], *, validate: bool = False, **options: Any) -> Schema:
    """Return the document, generated without a warning, and `validate` it if asked."""
    with patched_settings(DEFAULTS | options):
        generator = SchemaGenerator(patterns=patterns)
        schema: Schema = generator.get_schema(public=True)
        emitted = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
        assert emitted == []
        if validate:
            validate_schema(schema)
    return json.loads(json.dumps(schema))  # type: ignore[no-any-return]  # what is sent


def get_operations(schema: Schema) -> Iterator[tuple[str, str, Schema]]:
    for route, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield route, method, operation


def get_bulk(schema: Schema, method: str = "post", prefix: str = "/api/things") -> Any:
    return schema["paths"][f"{prefix}/bulk/"][method]


def get_batch(schema: Schema, prefix: str = "/api/things") -> Any:
    return schema["paths"][f"{prefix}/batch/"]["post"]


def get_body(operation: Schema) -> Any:
    return operation["requestBody"]["content"]["application/json"]


def get_answer(operation: Schema, kind: str = "json", status: str = "207") -> Any:
    return operation["responses"][status]["content"][f"application/{kind}"]


def resolve(schema: Schema, node: Any) -> Any:
    while "$ref" in node:
        target: Any = schema
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


def is_ours(route: str) -> bool:
    return route.endswith(("/bulk/", "/batch/"))


# The whole


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("style", STYLES)
def test_valid_without_a_warning(style: str, version: str, split: bool) -> None:
    viewset = add_bulk(*STYLES[style])

    generate(
        get_patterns(things=viewset, other=Other),
        validate=True,
        OAS_VERSION=version,
        COMPONENT_SPLIT_REQUEST=split,
    )


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_all_side_by_side(version: str) -> None:
    viewsets = {
        style.replace("-", "_"): add_bulk(*args) for style, args in STYLES.items()
    }

    schema = generate(
        get_patterns(**viewsets),
        validate=True,
        OAS_VERSION=version,
        COMPONENT_SPLIT_REQUEST=True,
    )

    ids = [operation["operationId"] for _, _, operation in get_operations(schema)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("style", STYLES)
def test_single_endpoints_are_as_they_were(
    style: str, alone: bool, split: bool
) -> None:
    viewset, place = STYLES[style]
    others: dict[str, Any] = {} if alone else {"other": Other}
    options = {"COMPONENT_SPLIT_REQUEST": split}

    before = generate(get_patterns(things=viewset, **others), **options)
    after = generate(get_patterns(things=add_bulk(viewset, place), **others), **options)

    single = {k: v for k, v in after["paths"].items() if not is_ours(k)}
    assert json.dumps(single) == json.dumps(before["paths"])
    for name, component in before.get("components", {}).get("schemas", {}).items():
        assert after["components"]["schemas"][name] == component


def test_same_again() -> None:
    patterns = get_patterns(things=add_bulk(Stock), orders=add_bulk(NestedSerializer))

    assert generate(patterns) == generate(patterns)


def test_golden() -> None:
    """One viewset as a whole; `MULTISTATUS_WRITE_GOLDEN=1` writes what it is now."""
    schema = generate(
        get_patterns(things=add_bulk(BySlug)), COMPONENT_SPLIT_REQUEST=True
    )
    ours = {k: v for k, v in schema["paths"].items() if is_ours(k)}
    document = {"paths": ours, "components": schema["components"]}
    if os.environ.get("MULTISTATUS_WRITE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")

    assert document == json.loads(GOLDEN.read_text())


# What each route says


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
        "POST": (["method", "ref", "data"], ["method", "data"]),
        "PATCH": (
            ["method", "ref", "key", "if_match", "data"],
            ["method", "key", "data"],
        ),
        "DELETE": (["method", "ref", "key", "if_match"], ["method", "key"]),
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


# Examples


def get_validator(schema: Schema, *, read: bool) -> Callable[[Any, Any], None]:
    """Return what validates an instance against a schema of the document."""

    def validate(instance: Any, part: Schema) -> None:
        validator = OAS30ReadValidator if read else OAS30WriteValidator
        root = copy.deepcopy(part) | {"components": schema["components"]}
        validator(root, format_checker=jsonschema.FormatChecker()).validate(instance)

    return validate


def assert_examples(schema: Schema) -> None:
    """Assert that every request and answer has an example, valid by its schema."""
    for route, _, operation in get_operations(schema):
        if not is_ours(route):
            continue
        body, answer = get_body(operation), get_answer(operation)
        for content, read in ((body, False), (answer, True)):
            validate = get_validator(schema, read=read)
            for example in content.get("examples", {}).values():
                validate(example["value"], content["schema"])
        (document,) = get_answer(operation, "xml")["examples"].values()
        (shown,) = answer["examples"].values()
        facts = get_facts(document["value"].encode())
        assert facts == get_json_facts(shown["value"])


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


@pytest.fixture
def served(settings: Any) -> Callable[[Any], Schema]:
    """Return a function that serves a viewset and returns its document."""

    def serve(viewset: Any) -> Schema:
        patterns = get_patterns(things=viewset, other=Other)
        urlconf = ModuleType("urlconf")
        urlconf.urlpatterns = patterns  # type: ignore[attr-defined]
        settings.ROOT_URLCONF = urlconf
        return generate(patterns, COMPONENT_SPLIT_REQUEST=True)

    return serve


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


@pytest.mark.django_db
def test_refusals_are_answered_as_documented(served: Callable[[Any], Schema]) -> None:
    schema = served(add_bulk(Stock))
    client = APIClient()
    refused = {
        "400": client.post("/api/things/bulk/", [], format="json"),
        "406": client.post("/api/things/bulk/", [], format="json", HTTP_ACCEPT="a/b"),
        "413": client.post("/api/things/bulk/", [{}] * 1001, format="json"),
        "415": client.post("/api/things/bulk/", "[]", content_type="text/csv"),
    }

    validate = get_validator(schema, read=True)
    for status, response in refused.items():
        documented = resolve(schema, get_bulk(schema)["responses"][status])
        content = documented["content"]["application/json"]
        assert response.status_code == int(status)
        validate(response.json(), content["schema"])
        for example in content.get("examples", {}).values():
            assert response.json() == example["value"]


# Annotations and settings of the project


def test_annotations_of_single_endpoints_are_kept() -> None:
    schema = generate(get_patterns(things=add_bulk(Annotated)))

    items = get_body(get_bulk(schema, "post"))["schema"]["items"]
    assert items == {"$ref": "#/components/schemas/Rename"}
    answer = get_answer(get_bulk(schema, "put"))["schema"]
    assert answer == {"$ref": "#/components/schemas/RenameMultiStatus"}
    patch = get_body(get_bulk(schema, "patch"))["schema"]["items"]
    assert patch["allOf"][0] == {"type": "object", "additionalProperties": {}}


def test_what_a_destroy_answers() -> None:
    schema = generate(get_patterns(things=add_bulk(AnnotatedView)))

    delete = get_bulk(schema, "delete")
    (example,) = get_answer(delete)["examples"].values()
    assert example["value"]["results"][0] == {
        "index": 0,
        "method": "DELETE",
        "status": 200,
        "href": "/api/things/1/",
        "data": {"name": "Example 1"},
    }
    assert get_bulk(schema, "post")["security"] == [{"token": []}]


def test_annotations_of_our_routes_win() -> None:
    class Renamed(BulkModelViewSet[Category]):
        queryset = Category.objects.all()
        serializer_class = CategorySerializer

    annotated = extend_schema_view(
        bulk=extend_schema(
            summary="Mine", tags=["mine"], operation_id="mine", methods=["POST"]
        ),
        batch=extend_schema(exclude=True),
    )(Renamed)
    schema = generate(get_patterns(things=annotated))

    assert "/api/things/batch/" not in schema["paths"]
    post, put = get_bulk(schema, "post"), get_bulk(schema, "put")
    assert (post["summary"], post["tags"], post["operationId"]) == (
        "Mine",
        ["mine"],
        "mine",
    )
    assert put["summary"] == "Update many"
    assert "207" in post["responses"]


def test_request_annotated_on_our_route() -> None:
    class Own(BulkModelViewSet[Category]):
        queryset = Category.objects.all()
        serializer_class = CategorySerializer

    annotated = extend_schema_view(
        bulk=extend_schema(
            request=RenameSerializer(many=True),
            responses={207: LineSerializer(many=True)},
        )
    )(Own)
    schema = generate(get_patterns(things=annotated))

    delete = get_bulk(schema, "delete")
    assert get_body(delete)["schema"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Rename"},
    }
    assert list(delete["responses"]) == ["207"]


def test_class_annotation_applies_to_all() -> None:
    schema = generate(get_patterns(things=add_bulk(AnnotatedClass)))

    for operation in (get_bulk(schema), get_batch(schema)):
        assert operation["tags"] == ["classy"]
        assert "X-Tenant" in [each["name"] for each in operation["parameters"]]


def test_own_schema_applies_to_all() -> None:
    schema = generate(get_patterns(things=add_bulk(OwnSchema)))

    assert {tuple(each["tags"]) for _, _, each in get_operations(schema)} == {
        ("tagged",)
    }


def test_excluded_single_endpoints_stay_excluded() -> None:
    hidden = extend_schema_view(
        destroy=extend_schema(exclude=True), create=extend_schema(exclude=True)
    )(add_bulk(Stock))
    schema = generate(get_patterns(things=hidden))

    union = get_body(get_batch(schema))["schema"]["properties"]["operations"]["items"]
    assert list(schema["paths"]["/api/things/bulk/"]) == ["put", "patch"]
    assert list(union["discriminator"]["mapping"]) == ["PUT", "PATCH"]


def test_extension_of_the_project_is_asked() -> None:
    class Extended(BulkModelViewSet[Category]):
        queryset = Category.objects.all()

    class Fix(OpenApiViewExtension):  # type: ignore[no-untyped-call]
        target_class = Extended

        def view_replacement(self) -> Any:
            class Fixed(self.target_class):  # type: ignore[misc,name-defined]
                serializer_class = CategorySerializer

            return Fixed

    try:
        schema = generate(get_patterns(things=Extended))
    finally:
        OpenApiViewExtension._registry.remove(Fix)

    items = get_body(get_bulk(schema))["schema"]["items"]
    assert items == {"$ref": "#/components/schemas/Category"}


def test_names_that_are_taken() -> None:
    class CategoryMultiStatusSerializer(serializers.Serializer[Any]):
        own = serializers.CharField()

    class Taking(CreateOnly):
        serializer_class = CategoryMultiStatusSerializer  # type: ignore[assignment]

    schema = generate(get_patterns(a=Taking, b=add_bulk(Stock), c=add_bulk(NoPut)))

    names = schema["components"]["schemas"]
    assert list(names["CategoryMultiStatus"]["properties"]) == ["own"]
    answer = get_answer(get_bulk(schema, prefix="/api/b"))["schema"]
    assert answer == {"$ref": "#/components/schemas/BMultiStatus"}


def test_default_schema_class_of_rest_framework() -> None:
    class Foreign(BulkModelViewSet[Category]):
        queryset = Category.objects.all()
        serializer_class = CategorySerializer
        schema = RestFrameworkSchema()

    with pytest.raises(AssertionError, match="Incompatible AutoSchema used on View"):
        generate(get_patterns(things=Foreign))


# Routers and versions


def test_nested_router_keeps_its_path_parameters() -> None:
    parents = routers.SimpleRouter()
    parents.register("categories", Stock)
    nested = NestedSimpleRouter(parents, "categories", lookup="category")
    nested.register("products", add_bulk(BySlug))
    schema = generate([path("", include(parents.urls)), path("", include(nested.urls))])

    prefix = "/categories/{category_pk}/products"
    parameters = get_bulk(schema, prefix=prefix)["parameters"]
    assert [each["name"] for each in parameters if each["in"] == "path"] == [
        "category_pk"
    ]
    (example,) = get_answer(get_batch(schema, prefix))["examples"].values()
    hrefs = [each.get("href") for each in example["value"]["results"]]
    assert hrefs[0] == "/categories/1/products/example-1/"


def test_router_without_trailing_slash() -> None:
    router = routers.SimpleRouter(trailing_slash=False)
    router.register("things", add_bulk(Stock))
    schema = generate(router.urls)

    operation = schema["paths"]["/things/bulk"]["put"]
    assert operation["operationId"] == "things_bulk_update"
    (example,) = get_answer(operation)["examples"].values()
    assert example["value"]["results"][0]["href"] == "/things/1"


def test_versioning_by_accept_header() -> None:
    class Versioned(BulkModelViewSet[Category]):
        queryset = Category.objects.all()
        serializer_class = CategorySerializer
        versioning_class = versioning.AcceptHeaderVersioning

    with patched_settings(DEFAULTS):
        generator = SchemaGenerator(
            patterns=get_patterns(things=Versioned), api_version="v1"
        )
        schema = generator.get_schema(public=True)
    validate_schema(schema)

    content = get_bulk(schema)["responses"]["207"]["content"]
    assert list(content) == [
        "application/json; version=v1",
        "application/xml; version=v1",
    ]


# Refusals


class Throttle(throttling.AnonRateThrottle):
    rate = "1/min"


class BulkThrottle(BulkRateThrottle):
    rate = "1/min"


class Admins(permissions.BasePermission):
    pass


ANYBODY: dict[str, Any] = {"authentication_classes": [], "permission_classes": []}


@pytest.mark.parametrize(
    ("members", "statuses"),
    [
        (ANYBODY, []),
        # It is asked for each operation, and refuses none of the others.
        (ANYBODY | {"throttle_classes": [Throttle]}, []),
        (ANYBODY | {"throttle_classes": [Throttle, BulkThrottle]}, ["429"]),
        (ANYBODY | {"permission_classes": [permissions.AllowAny]}, []),
        (ANYBODY | {"permission_classes": [permissions.IsAuthenticated]}, ["403"]),
        ({"authentication_classes": [authentication.BasicAuthentication]}, ["401"]),
        ({"authentication_classes": [authentication.SessionAuthentication]}, ["403"]),
        (
            {
                "authentication_classes": [authentication.BasicAuthentication],
                "permission_classes": [permissions.IsAuthenticated],
            },
            ["401"],
        ),
        (
            {
                "authentication_classes": [authentication.BasicAuthentication],
                "permission_classes": [Admins],
            },
            ["401", "403"],
        ),
    ],
)
def test_refusals(members: dict[str, Any], statuses: list[str]) -> None:
    viewset = type("Guarded", (add_bulk(Stock),), members)
    schema = generate(get_patterns(things=viewset))

    always = ["207", "400", "406", "413", "415", "503"]
    for operation in (get_bulk(schema), get_batch(schema)):
        assert sorted(operation["responses"]) == sorted([*always, *statuses])


def test_permissions_by_action() -> None:
    class Guarded(add_bulk(Stock)):  # type: ignore[misc]
        authentication_classes = [authentication.BasicAuthentication]

        def get_permissions(self) -> list[Any]:
            if self.action == "destroy":
                return [Admins()]
            return [permissions.AllowAny()]

    schema = generate(get_patterns(things=Guarded))

    assert "403" not in get_bulk(schema, "post")["responses"]
    assert "403" in get_bulk(schema, "delete")["responses"]
    assert "403" in get_batch(schema)["responses"]
    assert get_bulk(schema, "post")["security"] == [{"basicAuth": []}, {}]
    assert get_bulk(schema, "delete")["security"] == [{"basicAuth": []}]


def test_refusal() -> None:
    schema = generate(get_patterns(things=add_bulk(Stock)))

    refusal = get_bulk(schema)["responses"]["413"]
    assert refusal == {"$ref": "#/components/responses/MultiStatus413"}
    content = resolve(schema, refusal)["content"]
    assert content["application/json"] == {
        "schema": {"$ref": "#/components/schemas/MultiStatusRefusal"},
        "examples": {
            "Refused": {
                "value": {
                    "detail": "The request holds 1001 operations, the limit is 1000. "
                    "Send them in several requests."
                }
            }
        },
    }
    assert content["application/xml"]["schema"] == {
        "$ref": "#/components/schemas/MultiStatusXmlRefusal"
    }
    assert_refusal_xml(content["application/xml"]["examples"]["Refused"]["value"])


def assert_refusal_xml(document: str) -> None:
    root = parse(document.encode())
    assert root.tag == "{DAV:}error"
    assert root[0].tag == "{urn:multistatus}too_many_operations"


def test_refusal_by_the_projects_own_handler() -> None:
    def handle(exc: Exception, context: Any) -> Any:
        return exception_handler(exc, context)

    class Own(add_bulk(Stock)):  # type: ignore[misc]
        def get_exception_handler(self) -> Any:
            return handle

    schema = generate(get_patterns(things=Own))

    content = resolve(schema, get_bulk(schema)["responses"]["400"])["content"]
    assert content["application/json"]["schema"] == {
        "type": "object",
        "additionalProperties": {},
    }


# Without drf-spectacular


def test_without_drf_spectacular() -> None:
    program = """
import sys
sys.modules["drf_spectacular"] = None
from django.conf import settings
settings.configure(
    SECRET_KEY="-", ROOT_URLCONF=[], USE_TZ=True,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth",
                    "rest_framework", "multistatus_app"],
)
import django
django.setup()
import multistatus_app.viewsets
assert "multistatus_app.openapi" not in sys.modules
"""

    done = subprocess.run(  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
