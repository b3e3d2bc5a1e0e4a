"""What a project annotates, excludes, names and routes."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import include, path
from drf_spectacular.extensions import OpenApiViewExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import (
    extend_schema,
    extend_schema_view,
)
from drf_spectacular.validation import validate_schema
from rest_framework import (
    routers,
    serializers,
    versioning,
)
from rest_framework.schemas.openapi import AutoSchema as RestFrameworkSchema
from rest_framework_nested.routers import NestedSimpleRouter

from multistatus_app.viewsets import BulkModelViewSet
from tests.openapi.documents import (
    DEFAULTS,
    Annotated,
    AnnotatedClass,
    AnnotatedView,
    BySlug,
    CategorySerializer,
    CreateOnly,
    LineSerializer,
    NoPut,
    OwnSchema,
    RenameSerializer,
    Stock,
    add_bulk,
    generate,
    get_answer,
    get_batch,
    get_body,
    get_bulk,
    get_operations,
    get_patterns,
)
from tests.shop.models import Category

pytestmark = pytest.mark.once


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


def shout(result: Any, **kwargs: Any) -> Any:
    for component in result["components"]["schemas"].values():
        component["title"] = component.get("title", "") + "!"
    return result


def test_hook_that_changes_components_in_place() -> None:
    options = {"POSTPROCESSING_HOOKS": [f"{__name__}.shout"]}

    generate(get_patterns(things=add_bulk(Stock)), **options)
    again = generate(get_patterns(things=add_bulk(Stock)), **options)

    assert {each["title"] for each in again["components"]["schemas"].values()} == {"!"}
