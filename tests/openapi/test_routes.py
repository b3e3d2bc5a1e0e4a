"""Which of our routes are in the document, and for whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.urls import include, path
from django.views.decorators.cache import never_cache
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework import (
    permissions,
    routers,
    throttling,
)
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.schemas.openapi import AutoSchema as RestFrameworkSchema
from rest_framework.schemas.openapi import SchemaGenerator as RestFrameworkGenerator
from rest_framework.test import APIRequestFactory
from rest_framework.urlpatterns import format_suffix_patterns

from multistatus_app.viewsets import BulkModelViewSet
from tests.openapi.documents import (
    CategorySerializer,
    RenameSerializer,
    Schema,
    Stock,
    Things,
    add_bulk,
    get_answer,
    get_batch,
    get_body,
    get_bulk,
    get_operations,
    route,
    serve,
)
from tests.shop.models import Category

pytestmark = pytest.mark.once


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
