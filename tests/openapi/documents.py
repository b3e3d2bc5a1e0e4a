"""Viewsets, each a way to write one, and what their documents hold."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Literal

import jsonschema
from django.contrib.auth.models import Group
from django.urls import include, path
from drf_spectacular.drainage import GENERATOR_STATS
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
    mixins,
    pagination,
    routers,
    serializers,
    viewsets,
)

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop.models import Category, Parcel, Product
from tests.xml import get_facts, get_json_facts

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


class Things(BulkModelViewSet[Category]):
    queryset = Category.objects.all()
    serializer_class = CategorySerializer


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


def serve(settings: Any, *patterns: Any) -> None:
    urlconf = ModuleType("urlconf")
    urlconf.urlpatterns = list(patterns)  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = urlconf


def route(viewset: Any, prefix: str = "things", router: Any = None) -> Any:
    router = router or routers.SimpleRouter()
    router.register(prefix, viewset, basename=prefix)
    return path("api/", include(router.urls))
