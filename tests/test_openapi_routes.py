"""Which of our routes are in the document, for whom, and what a project adds."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.urls import include, path
from django.views.decorators.cache import never_cache
from drf_spectacular.contrib.djangorestframework_camel_case import (
    camelize_serializer_fields,
)
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import (
    permissions,
    renderers,
    routers,
    serializers,
    throttling,
    viewsets,
)
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.schemas.openapi import AutoSchema as RestFrameworkSchema
from rest_framework.schemas.openapi import SchemaGenerator as RestFrameworkGenerator
from rest_framework.test import APIRequestFactory
from rest_framework.urlpatterns import format_suffix_patterns

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop.models import Category
from tests.test_openapi import (
    CategorySerializer,
    OwnSchema,
    RenameSerializer,
    Schema,
    Stock,
    add_bulk,
    generate,
    get_answer,
    get_batch,
    get_body,
    get_bulk,
    get_operations,
    resolve,
)

pytestmark = pytest.mark.once


class Things(BulkModelViewSet[Category]):
    queryset = Category.objects.all()
    serializer_class = CategorySerializer


@pytest.fixture
def document(settings: Any) -> Any:
    """Return a function that makes the document of a URLconf, and checks it."""

    def document(*patterns: Any, **options: Any) -> Schema:
        serve(settings, *patterns)
        return generate(list(patterns), validate=True, **options)

    return document


def serve(settings: Any, *patterns: Any) -> None:
    urlconf = ModuleType("urlconf")
    urlconf.urlpatterns = list(patterns)  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = urlconf


def route(viewset: Any, prefix: str = "things", router: Any = None) -> Any:
    router = router or routers.SimpleRouter()
    router.register(prefix, viewset, basename=prefix)
    return path("api/", include(router.urls))


def get_routes(schema: Schema) -> list[tuple[str, str]]:
    return [(method, route) for route, method, _ in get_operations(schema)]


def get_kinds(schema: Schema, prefix: str = "/api/things") -> list[str]:
    """List the methods of the operations that a batch may hold."""
    body = get_body(get_batch(schema, prefix))["schema"]
    union = body["properties"]["operations"]["items"]
    return list(union["discriminator"]["mapping"])


# What is offered


def test_router_that_maps_less(document: Any) -> None:
    class LessRouter(routers.SimpleRouter):
        def get_method_map(self, viewset: Any, method_map: Any) -> Any:
            offered = ("post", "patch")
            mapped = super().get_method_map(viewset, method_map)
            if "create" not in mapped.values() and "update" not in mapped.values():
                return mapped
            return {name: mapped[name] for name in offered if name in mapped}

    schema = document(route(Things, router=LessRouter()))

    assert list(schema["paths"]["/api/things/bulk/"]) == ["post", "patch"]
    assert get_kinds(schema) == ["POST", "PATCH"]


def test_actions_that_are_mapped_otherwise(document: Any) -> None:
    class Archiving(Things):
        @extend_schema(request=None, responses={200: RenameSerializer})
        def archive(self, request: Any, pk: Any) -> Response:
            raise NotImplementedError

    detail = Archiving.as_view({"delete": "archive"})
    schema = document(
        path("things/<int:pk>/", never_cache(detail)),
        path("things/bulk/", Archiving.as_view({"delete": "bulk", "put": "bulk"})),
        path("things/batch/", Archiving.as_view({"post": "batch"})),
    )

    assert list(schema["paths"]["/things/bulk/"]) == ["delete"]
    assert get_kinds(schema, "/things") == ["DELETE"]
    answer = get_answer(schema["paths"]["/things/bulk/"]["delete"])["schema"]
    assert answer == {"$ref": "#/components/schemas/RenameMultiStatus"}


def test_arguments_of_the_single_route(document: Any) -> None:
    singles = Things.as_view({"post": "create"}, serializer_class=RenameSerializer)

    schema = document(
        path("things/", singles),
        path("things/bulk/", Things.as_view({"post": "bulk"})),
    )

    items = get_body(get_bulk(schema, prefix="/things"))["schema"]["items"]
    assert items == {"$ref": "#/components/schemas/Rename"}


def test_only_our_routes_are_mapped(document: Any) -> None:
    schema = document(path("things/batch/", Things.as_view({"post": "batch"})))

    assert get_kinds(schema, "/things") == ["POST", "PUT", "PATCH", "DELETE"]


def test_namespaces(document: Any) -> None:
    router = routers.SimpleRouter()
    router.register("things", add_bulk(Stock))
    schema = document(
        path("v1/", include((router.urls, "v1"))),
        path("v2/", include((router.urls, "v2"))),
    )

    for prefix in ("/v1/things", "/v2/things"):
        assert get_kinds(schema, prefix) == ["POST", "PUT", "PATCH", "DELETE"]


def test_format_suffixes(document: Any) -> None:
    router = routers.SimpleRouter()
    router.register("things", Things)
    schema = document(*format_suffix_patterns(router.urls))

    assert list(schema["paths"]) == [
        "/things/",
        "/things/{id}/",
        "/things/batch/",
        "/things/bulk/",
    ]
    assert get_kinds(schema, "/things") == ["POST", "PUT", "PATCH", "DELETE"]


def test_routes_that_are_named_otherwise(document: Any) -> None:
    class Named(Things):
        bulk_url_path = "many"
        batch_url_path = "changes/all"

    schema = document(route(Named))

    ours = {
        (method, where): operation["operationId"]
        for where, method, operation in get_operations(schema)
        if where.startswith(("/api/things/many/", "/api/things/changes/"))
    }
    assert ours == {
        ("post", "/api/things/changes/all/"): "api_things_changes_all_create",
        ("post", "/api/things/many/"): "api_things_many_create",
        ("put", "/api/things/many/"): "api_things_many_update",
        ("patch", "/api/things/many/"): "api_things_many_partial_update",
        ("delete", "/api/things/many/"): "api_things_many_destroy",
    }


class Loading(Things):
    @extend_schema(
        summary="Load a file", request=RenameSerializer, responses={202: None}
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Any) -> Response:
        """Theirs."""
        raise NotImplementedError


def test_a_viewset_keeps_its_own_bulk(document: Any) -> None:
    schema = document(route(Loading))

    assert list(schema["paths"]["/api/things/bulk/"]) == ["post"]
    operation = get_bulk(schema)
    assert operation["summary"] == "Load a file"
    assert operation["description"] == "Theirs."
    assert list(operation["responses"]) == ["202"]
    assert "207" in get_batch(schema)["responses"]


def test_both_its_own_bulk_and_ours(document: Any) -> None:
    class Both(Loading):
        bulk_url_path = "many"

    schema = document(route(Both))

    assert get_bulk(schema)["summary"] == "Load a file"
    ours = schema["paths"]["/api/things/many/"]
    assert list(ours) == ["post", "put", "patch", "delete"]
    assert ours["post"]["summary"] == "Create many"
    assert ours["post"]["description"].startswith("Takes an array;")
    assert "207" in ours["post"]["responses"]


# Annotations


def test_override_that_is_only_there_to_be_annotated(document: Any) -> None:
    class Annotated(Things):
        @extend_schema(summary="Mine", tags=["mine"])
        def bulk(self, request: Any) -> Response:
            """Many at once."""
            return super().bulk(request)

        @extend_schema(summary="Mine, too")
        @action(detail=False, methods=["post"])
        def batch(self, request: Any, **kwargs: Any) -> Response:
            return super().batch(request, **kwargs)

    class Inheriting(Annotated):
        pass

    schema = document(route(Inheriting))

    assert list(schema["paths"]["/api/things/bulk/"]) == [
        "post",
        "put",
        "patch",
        "delete",
    ]
    bulk, batch = get_bulk(schema), get_batch(schema)
    assert (bulk["summary"], bulk["tags"]) == ("Mine", ["mine"])
    assert bulk["description"] == "Many at once."
    assert batch["summary"] == "Mine, too"
    for operation in (bulk, batch):
        assert "207" in operation["responses"]


def test_override_that_takes_fewer_methods(document: Any) -> None:
    class Fewer(Things):
        @action(detail=False, methods=["post", "patch"])
        def bulk(self, request: Any) -> Response:
            return super().bulk(request)

    schema = document(route(Fewer))

    assert list(schema["paths"]["/api/things/bulk/"]) == ["post", "patch"]


def test_override_that_does_something_is_no_route_of_ours(document: Any) -> None:
    class Counting(Things):
        counted = 0

        @extend_schema(summary="Mine")
        def bulk(self, request: Any) -> Response:
            self.counted += 1
            return super().bulk(request)

    schema = document(route(Counting))

    assert "/api/things/bulk/" not in schema["paths"]


def test_override_of_another_base_is_no_route_of_ours(document: Any) -> None:
    class Base(viewsets.GenericViewSet[Category]):
        def bulk(self, request: Any) -> Response:
            raise NotImplementedError

    class Calling(Base, Things):
        def bulk(self, request: Any) -> Response:
            return super().bulk(request)

    schema = document(route(Calling))

    assert "/api/things/bulk/" not in schema["paths"]


def test_annotations_of_a_class_for_all(document: Any) -> None:
    annotated = extend_schema(tags=["mine"])(
        extend_schema_view(
            create=extend_schema(request=RenameSerializer),
            bulk=extend_schema(summary="Mine"),
        )(type("Annotated", (Things,), {}))
    )

    schema = document(route(annotated))

    assert {tuple(each["tags"]) for _, _, each in get_operations(schema)} == {("mine",)}
    bulk = get_bulk(schema)
    assert bulk["summary"] == "Mine"
    assert get_body(bulk)["schema"]["items"] == {"$ref": "#/components/schemas/Rename"}


def test_annotations_of_ours_beside_a_schema_of_its_own(document: Any) -> None:
    class Annotated(add_bulk(OwnSchema)):  # type: ignore[misc]
        @extend_schema(summary="Mine")
        def bulk(self, request: Any) -> Response:
            return super().bulk(request)

    bulk = get_bulk(document(route(Annotated)))

    assert (bulk["summary"], bulk["tags"]) == ("Mine", ["tagged"])
    assert "207" in bulk["responses"]


def test_docstrings_of_ours_describe_nothing(document: Any) -> None:
    class Undocumented(BulkModelViewSet[Category]):
        queryset = Category.objects.all()
        serializer_class = CategorySerializer

    schema = document(route(Undocumented))

    singles = [
        operation
        for where, _, operation in get_operations(schema)
        if not where.endswith(("bulk/", "batch/"))
    ]
    assert len(singles) == 6
    assert [each.get("description", "").strip() for each in singles] == [""] * 6


def test_docstring_of_a_base_behind_ours(document: Any) -> None:
    viewset = type("Both", (BulkModelMixin, Stock), {})

    schema = document(route(viewset))

    assert schema["paths"]["/api/things/"]["get"]["description"] == "Categories."


# By action


ACTIONS = ("list", "retrieve", "create", "update", "partial_update", "destroy")


class Tables(BulkModelViewSet[Category]):
    """Tables by action, which know the single actions alone."""

    def get_queryset(self) -> Any:
        return dict.fromkeys(ACTIONS, Category.objects.all())[self.action]

    def get_serializer_class(self) -> Any:
        own = {"partial_update": RenameSerializer}
        return (dict.fromkeys(ACTIONS, CategorySerializer) | own)[self.action]

    def get_permissions(self) -> list[Any]:
        return {name: [permissions.AllowAny()] for name in ACTIONS}[self.action]

    def get_throttles(self) -> list[throttling.BaseThrottle]:
        return {name: [throttling.AnonRateThrottle()] for name in ACTIONS}[self.action]

    def get_authenticators(self) -> Any:
        # It runs before an action is known.
        return super().get_authenticators()


def test_tables_by_action(document: Any) -> None:
    where = path("<int:shop>/", include([route(Tables)]))
    schema = document(where)

    prefix = "/{shop}/api/things"
    items = get_body(get_bulk(schema, "post", prefix))["schema"]["items"]
    assert items == {"$ref": "#/components/schemas/Category"}
    patch = get_body(get_bulk(schema, "patch", prefix))["schema"]["items"]
    assert patch == {"$ref": "#/components/schemas/KeyedPatchedRename"}
    assert "429" not in get_batch(schema, prefix)["responses"]


# Who sees what


class Permission(permissions.BasePermission):
    """Who has this name may do it."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return view.action in request.user.username.split("-")


class Guarded(Things):
    permission_classes = [Permission]


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (AnonymousUser(), []),
        (User(username="list"), [("get", "/api/things/")]),
        (
            User(username="update-destroy"),
            [
                ("post", "/api/things/batch/"),
                ("put", "/api/things/bulk/"),
                ("delete", "/api/things/bulk/"),
                ("put", "/api/things/{id}/"),
                ("delete", "/api/things/{id}/"),
            ],
        ),
    ],
)
def test_shown_to_whom_a_method_is_permitted(
    settings: Any, user: Any, expected: list[tuple[str, str]]
) -> None:
    serve(settings, route(Guarded))
    request = APIRequestFactory().get("/")
    request.user, request.auth = user, None

    schema = SchemaGenerator().get_schema(request=request, public=False)

    assert sorted(get_routes(schema)) == sorted(expected)


# Styles of names


class CamelRenderer(renderers.JSONRenderer):
    """As that of djangorestframework-camel-case."""

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return super().render(camelize(data), *args, **kwargs)


def camelize(data: Any) -> Any:
    if isinstance(data, dict):
        return {camelize_name(name): camelize(each) for name, each in data.items()}
    return [camelize(each) for each in data] if isinstance(data, list) else data


def camelize_name(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.title() for each in others)


class ParentSerializer(serializers.ModelSerializer[Category]):
    class Meta:
        model = Category
        fields = ["id", "name", "parent_id"]


class Camel(Things):
    serializer_class = ParentSerializer  # type: ignore[assignment]
    renderer_classes = [CamelRenderer]
    lookup_field = "parent_id"


@pytest.mark.parametrize("split", [True, False])
def test_camel_case(document: Any, split: bool) -> None:
    hooks = [
        "drf_spectacular.hooks.postprocess_schema_enums",
        f"{camelize_serializer_fields.__module__}.{camelize_serializer_fields.__name__}",
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch_camel_case(patch)
        schema = document(
            route(Camel), POSTPROCESSING_HOOKS=hooks, COMPONENT_SPLIT_REQUEST=split
        )

    assert "parent_id" not in json.dumps(schema["components"]["schemas"]).replace(
        # What XML documents have: names of elements.
        '"name": "parent_id"',
        "",
    )
    put = get_body(get_bulk(schema, "put"))
    element = resolve(schema, put["schema"]["items"])
    members = [resolve(schema, each)["properties"] for each in element["allOf"]]
    assert list(members[-1]) == ["parentId"]
    (example,) = put["examples"].values()
    assert list(example["value"][0]) == ["parentId", "name"]
    (answer,) = get_answer(get_bulk(schema, "put"))["examples"].values()
    assert list(answer["value"]["results"][0]["data"]) == ["id", "name", "parentId"]


def patch_camel_case(patch: pytest.MonkeyPatch) -> None:
    """Give the hook what it imports, as the library has it."""
    import re
    import sys

    settings_module, util = ModuleType("settings"), ModuleType("util")
    settings_module.api_settings = type(  # type: ignore[attr-defined]
        "Settings", (), {"JSON_UNDERSCOREIZE": {}}
    )
    util.camelize_re = re.compile(r"[a-z0-9]?_[a-z0-9]")  # type: ignore[attr-defined]
    util.underscore_to_camel = lambda found: (  # type: ignore[attr-defined]
        found.group().replace("_", " ").title().replace(" ", "")
        if found.group().startswith("_")
        else found.group()[0] + found.group()[2].upper()
    )
    name = "djangorestframework_camel_case"
    patch.setitem(sys.modules, name, ModuleType(name))
    patch.setitem(sys.modules, f"{name}.settings", settings_module)
    patch.setitem(sys.modules, f"{name}.util", util)


def test_pointers_are_those_of_the_client(document: Any) -> None:
    class FirstNameSerializer(serializers.ModelSerializer[Category]):
        class Meta:
            model = Category
            fields = ["first_name"]

        first_name = serializers.CharField(source="name")

    class Pointing(Camel):
        lookup_field = "pk"
        serializer_class = FirstNameSerializer  # type: ignore[assignment]

        def get_bulk_pointer(self, path: Any) -> str:
            return "#/" + "/".join(map(camelize_name, path))

    schema = document(route(Pointing))

    (answer,) = get_answer(get_bulk(schema))["examples"].values()
    error = answer["value"]["results"][1]["error"]["errors"][0]
    assert error["pointer"] == "#/firstName"


def test_pointers_that_need_a_request_are_ours(document: Any) -> None:
    class Pointing(Things):
        def get_bulk_pointer(self, path: Any) -> str:
            raise LookupError(self.request.headers["X-Style"])

    schema = document(route(Pointing))

    (answer,) = get_answer(get_bulk(schema))["examples"].values()
    error = answer["value"]["results"][1]["error"]["errors"][0]
    assert error["pointer"] == "#/name"


@pytest.mark.parametrize("wrap", [lambda data: {"data": data}, lambda data: [data]])
def test_renderer_that_wraps_is_not_followed(document: Any, wrap: Any) -> None:
    class Wrapping(renderers.JSONRenderer):
        def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
            return super().render(wrap(data), *args, **kwargs)

    class Wrapped(Things):
        renderer_classes = [Wrapping]

    schema = document(route(Wrapped))

    (example,) = get_body(get_bulk(schema))["examples"].values()
    assert example["value"][0]["name"] == "Example 1"


def test_renderer_that_needs_a_response_is_not_followed(document: Any) -> None:
    class Needy(renderers.JSONRenderer):
        def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
            raise KeyError("response")

    class Rendered(Things):
        renderer_classes = [Needy]

    schema = document(route(Rendered))

    (example,) = get_body(get_bulk(schema))["examples"].values()
    assert example["value"][0]["name"] == "Example 1"


# Other generators


class RestFrameworkTables(Tables):
    schema = RestFrameworkSchema()


def test_left_out_by_the_generator_of_rest_framework() -> None:
    router = routers.SimpleRouter()
    router.register("things", RestFrameworkTables, basename="thing")

    schema = RestFrameworkGenerator(title="x", patterns=router.urls).get_schema(
        None, public=True
    )

    assert list(schema["paths"]) == ["/things/", "/things/{id}/"]


def test_left_out_with_the_viewset(document: Any) -> None:
    class Hidden(Things):
        schema = None  # type: ignore[assignment]

    assert document(route(Hidden))["paths"] == {}


def test_drf_yasg_leaves_it_out() -> None:
    """This is what it looks at; it is not installed here."""
    view: Any = Things.as_view({"post": "bulk"})

    assert view.cls.swagger_schema is None
