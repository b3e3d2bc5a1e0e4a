"""One operation: its status as docs/wire.md has it, its hooks as DRF calls them."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.db import transaction
from django.http import Http404, HttpResponse
from django.urls import include, path, re_path
from rest_framework import authentication, exceptions, permissions, versioning
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter, SimpleRouter
from rest_framework.test import APIClient
from rest_framework.views import exception_handler

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_error, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import (
    CategoryFactory,
    NoteFactory,
    ProductFactory,
    TagFactory,
    UserFactory,
)
from tests.shop import serializers as shop
from tests.shop.models import Category, Event, Note, Product

pytestmark = pytest.mark.django_db


def make_view(**members: Any) -> Any:
    """Return a viewset of categories."""
    stock = {
        "queryset": Category.objects.all(),
        "serializer_class": shop.CategorySerializer,
    }
    return type("MadeViewSet", (BulkModelViewSet,), stock | members)


def get_product(**members: Any) -> dict[str, Any]:
    """Return the representation of a product that is not there yet."""
    return {"sku": "new", "name": "New", "price": "1.00"} | members


class TestStatuses:
    """The table of statuses in docs/wire.md."""

    def test_done(self, api: APIClient) -> None:
        one, two, three = CategoryFactory.create_batch(3)

        response = api.post(
            "/api/categories/batch/",
            batch(
                op("POST", data={"name": "a"}, ref="x"),
                op("PUT", one.pk, {"name": "b"}),
                op("PATCH", two.pk, {"name": "c"}),
                op("DELETE", three.pk, ref="y"),
            ),
        )

        created = Category.objects.get(name="a").pk
        assert response.json()["summary"] == {
            "total": 4, "succeeded": 4, "failed": 0, "committed": True,
        }  # fmt: skip
        assert get_results(response) == [
            {
                "index": 0,
                "ref": "x",
                "method": "POST",
                "status": 201,
                "href": f"/api/categories/{created}/",
                "data": {"id": created, "name": "a", "parent": None},
            },
            {
                "index": 1,
                "method": "PUT",
                "status": 200,
                "href": f"/api/categories/{one.pk}/",
                "data": {"id": one.pk, "name": "b", "parent": None},
            },
            {
                "index": 2,
                "method": "PATCH",
                "status": 200,
                "href": f"/api/categories/{two.pk}/",
                "data": {"id": two.pk, "name": "c", "parent": None},
            },
            {
                "index": 3,
                "ref": "y",
                "method": "DELETE",
                "status": 204,
                "href": f"/api/categories/{three.pk}/",
            },
        ]
        assert "Location" not in response

    def test_fail_validation(self, api: APIClient) -> None:
        product = ProductFactory()

        response = api.patch(
            "/api/products/bulk/", [{"id": product.pk, "stock": -1, "category": 0}]
        )

        assert get_results(response) == [
            {
                "index": 0,
                "method": "PATCH",
                "status": 400,
                "href": f"/api/products/{product.pk}/",
                "error": {
                    "status": 400,
                    "title": "Bad Request",
                    "code": "invalid",
                    "detail": "2 fields are not valid.",
                    "errors": [
                        {
                            "pointer": "#/stock",
                            "code": "min_value",
                            "detail": "Ensure this value is greater than or equal "
                            "to 0.",
                        },
                        {
                            "pointer": "#/category",
                            "code": "does_not_exist",
                            "detail": 'Invalid pk "0" - object does not exist.',
                        },
                    ],
                },
            }
        ]

    @pytest.mark.parametrize(
        ("name", "status", "members"),
        [
            (
                "throttled",
                429,
                {
                    "error": get_error(
                        "throttled",
                        "Request was throttled. Expected available in 7 seconds.",
                        429,
                        "Too Many Requests",
                    ),
                    "retry_after": 7,
                },
            ),
            (
                "forbidden",
                403,
                {
                    "error": get_error(
                        "permission_denied", "Not this one.", 403, "Forbidden"
                    )
                },
            ),
            (
                "teapot",
                418,
                {"error": get_error("teapot", "Short and stout.", 418, "I'm a Teapot")},
            ),
            (
                "bug",
                500,
                {
                    "error": get_error(
                        "error",
                        "An unexpected error occurred; it is logged.",
                        500,
                        "Internal Server Error",
                    )
                },
            ),
            (
                "django",
                400,
                {
                    "error": get_error(
                        "invalid", "1 field is not valid.", 400, "Bad Request"
                    )
                    | {
                        "errors": [
                            {"pointer": "#/name", "code": "bad", "detail": "No good."}
                        ]
                    }
                },
            ),
        ],
    )
    def test_fail_whatever_a_hook_raises(
        self, api: APIClient, name: str, status: int, members: Any
    ) -> None:
        category = CategoryFactory().pk
        data = [
            get_product(sku=sku, name=each, category=category)
            for sku, each in (("a", name), ("b", "good"))
        ]

        results = get_results(api.post("/api/raising/bulk/", data))

        assert results[0] == {
            "index": 0, "method": "POST", "status": status, **members,
        }  # fmt: skip
        assert results[1]["status"] == 201
        assert Product.objects.get().sku == "b"

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
    def test_fail_nothing_there(self, api: APIClient, method: str) -> None:
        data = {} if method == "DELETE" else {"data": {"name": "a"}}

        response = api.post("/api/categories/batch/", batch(op(method, 0, **data)))

        assert get_results(response) == [
            {
                "index": 0,
                "method": method,
                "status": 404,
                "error": get_error(
                    "not_found",
                    "No Category matches the given query.",
                    404,
                    "Not Found",
                ),
            }
        ]

    def test_fail_method_not_offered(self, api: APIClient) -> None:
        response = api.post(
            "/api/events/batch/", batch(op("POST", data={"text": "a"}), op("DELETE", 1))
        )

        results = get_results(response)
        assert results[0]["status"] == 201
        assert results[1] == {
            "index": 1,
            "method": "DELETE",
            "status": 404,
            "error": get_error(
                "not_found", "No resource has the key '1'.", 404, "Not Found"
            ),
        }  # as singly: there is no detail route at all

    def test_fail_method_off(self, api: APIClient, serve: Serve) -> None:
        serve(make_view(http_method_names=["get", "post", "patch"]))
        row = CategoryFactory()

        response = api.post("/things/batch/", batch(op("DELETE", row.pk)))

        assert get_results(response)[0]["error"] == get_error(
            "method_not_allowed",
            'Method "DELETE" not allowed.',
            405,
            "Method Not Allowed",
        )

    def test_fail_conflict(self, api: APIClient) -> None:
        from django.db import connection

        if connection.vendor == "mysql":
            pytest.skip("MariaDB has no expressions in an index.")
        TagFactory(name="Red")

        response = api.post("/api/tags/bulk/", [{"name": "red"}])

        assert get_results(response) == [
            {
                "index": 0,
                "method": "POST",
                "status": 409,
                "error": get_error(
                    "conflict",
                    "The database refused it: it would break a unique constraint.",
                    409,
                    "Conflict",
                ),
            }
        ]

    def test_fail_permission_of_one(self, api: APIClient) -> None:
        note, other = NoteFactory(), NoteFactory()
        api.force_authenticate(note.owner)

        response = api.delete("/api/notes/bulk/", [note.pk, other.pk])

        assert get_results(response) == [
            {
                "index": 0,
                "method": "DELETE",
                "status": 204,
                "href": f"/api/notes/{note.pk}/",
            },
            {
                "index": 1,
                "method": "DELETE",
                "status": 403,
                "href": f"/api/notes/{other.pk}/",
                "error": get_error(
                    "permission_denied",
                    "This note belongs to somebody else.",
                    403,
                    "Forbidden",
                ),
            },
        ]
        assert list(Note.objects.all()) == [other]

    @pytest.mark.parametrize(
        ("scheme", "status"),
        [
            (authentication.BasicAuthentication, 401),
            (authentication.SessionAuthentication, 403),
        ],
    )
    def test_fail_not_authenticated_as_the_single_endpoint_says(
        self, api: APIClient, serve: Serve, scheme: Any, status: int
    ) -> None:
        def get_permissions(self: Any) -> Any:
            if self.action == "create":
                return []
            return [permissions.IsAuthenticated()]

        serve(
            make_view(authentication_classes=[scheme], get_permissions=get_permissions)
        )
        row = CategoryFactory()

        single = api.delete(f"/things/{row.pk}/")
        response = api.post(
            "/things/batch/",
            batch(op("DELETE", row.pk), op("POST", data={"name": "a"})),
        )

        assert single.status_code == status
        assert get_statuses(response) == [status, 201]
        assert get_results(response)[0]["error"]["code"] == "not_authenticated"

    @pytest.mark.parametrize(
        ("exc", "status", "code", "detail"),
        [
            (Http404(), 404, "not_found", "Not found."),
            (Http404("Gone away."), 404, "not_found", "Gone away."),
            (exceptions.ParseError("Bad."), 400, "parse_error", "Bad."),
            (exceptions.APIException("Sorry."), 500, "error", "Sorry."),
            (exceptions.UnsupportedMediaType("a/b"), 415, "unsupported_media_type",
             'Unsupported media type "a/b" in request.'),
        ],
    )  # fmt: skip
    def test_fail_with_an_exception_of_the_framework(
        self,
        api: APIClient,
        serve: Serve,
        exc: Exception,
        status: int,
        code: str,
        detail: str,
    ) -> None:
        def perform_destroy(self: Any, instance: Any) -> None:
            instance.delete()
            raise exc

        serve(make_view(perform_destroy=perform_destroy))
        row = CategoryFactory()

        single = api.delete(f"/things/{row.pk}/")
        Category.objects.get_or_create(pk=row.pk, name=row.name)
        result = get_results(api.delete("/things/bulk/", [row.pk]))[0]

        assert single.status_code == result["status"] == status
        assert (result["error"]["code"], result["error"]["detail"]) == (code, detail)
        assert Category.objects.filter(pk=row.pk).exists()


class TestDispatch:
    """Actions that a viewset overrides are called, and their answers are read."""

    def test_success_with_the_answer_of_the_action(self, api: APIClient) -> None:
        product = ProductFactory(stock=4)
        new = get_product(category=product.category_id)

        response = api.post(
            "/api/dispatch/batch/",
            batch(op("POST", data=new), op("DELETE", product.pk)),
        )

        created = Product.objects.get(sku="new")
        assert get_results(response) == [
            {
                "index": 0,
                "method": "POST",
                "status": 202,
                "href": f"/api/dispatch/{created.pk}/",
                "data": {"id": created.pk, "new": True},
            },
            {
                "index": 1,
                "method": "DELETE",
                "status": 200,
                "href": f"/api/dispatch/{product.pk}/",
                "data": {"archived": str(product.pk)},
            },
        ]
        assert Event.objects.get().text == "create POST"

    def test_fail_with_the_answer_of_the_action(self, api: APIClient) -> None:
        category = CategoryFactory().pk

        response = api.post(
            "/api/dispatch/bulk/",
            [
                get_product(category=category, sku=""),
                get_product(category=category, stock=13),
                get_product(category=category, sku="good"),
            ],
        )

        results = get_results(response)
        assert results[0] == {
            "index": 0,
            "method": "POST",
            "status": 422,
            "error": {
                "status": 422,
                "title": "Unprocessable Content",
                "code": "error",
                "detail": "1 field is not valid.",
                "errors": [
                    {
                        "pointer": "#/sku",
                        "code": "blank",
                        "detail": "This field may not be blank.",
                    }
                ],
            },
        }
        assert results[1] == {
            "index": 1,
            "method": "POST",
            "status": 409,
            "error": get_error("conflict", "We do not keep 13.", 409, "Conflict"),
        }
        assert results[2]["status"] == 202
        assert list(Product.objects.values_list("sku", flat=True)) == ["good"]
        assert Event.objects.count() == 1

    def test_retry_after_of_a_response(self, api: APIClient, serve: Serve) -> None:
        def destroy(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            return Response({"detail": "Later."}, 503, headers={"Retry-After": "30"})

        serve(make_view(destroy=destroy))

        (result,) = get_results(api.delete("/things/bulk/", [CategoryFactory().pk]))

        assert (result["status"], result["retry_after"]) == (503, 30)

    def test_response_that_is_not_of_drf(self, api: APIClient, serve: Serve) -> None:
        def create(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            return HttpResponse("made", status=201, headers={"Location": "/made/1/?x"})

        serve(make_view(create=create))

        (result,) = get_results(api.post("/things/bulk/", [{"name": "a"}]))

        assert result == {
            "index": 0, "method": "POST", "status": 201, "href": "/made/1/",
        }  # fmt: skip


def test_answer_is_the_one_that_the_viewset_finalized(
    api: APIClient, serve: Serve
) -> None:
    def finalize_response(self: Any, request: Any, response: Any, *args: Any) -> Any:
        if self.action == "create" and response.status_code == 201:
            response.data["extra"] = request.method
        return BulkModelViewSet.finalize_response(self, request, response, *args)

    serve(make_view(finalize_response=finalize_response))

    single = api.post("/things/", {"name": "a"})
    results = get_results(api.post("/things/bulk/", [{"name": "b"}, {"name": ""}]))

    assert single.json()["extra"] == results[0]["data"]["extra"] == "POST"
    assert [each["status"] for each in results] == [201, 400]


SEEN: list[Any] = []


def look(view: Any) -> None:
    """Note what a hook can see of its request."""
    request = view.request
    SEEN.append(
        (
            view.action,
            request.method,
            view.kwargs,
            view.detail,
            dict(request.data),
            request.path,
            dict(request.query_params),
            getattr(request, "mark", None),
            getattr(view, "mark", None),
            getattr(request._request, "mark", None),
        )
    )
    request.mark = view.mark = request._request.mark = "seen"
    request.META["mark"] = "seen"


class SeeingViewSet(BulkModelViewSet):
    """Notes what its hooks see."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer

    def perform_create(self, serializer: Any) -> None:
        """Look, then save."""
        look(self)
        serializer.save()

    perform_update = perform_create

    def perform_destroy(self, instance: Any) -> None:
        """Look, then delete."""
        look(self)
        instance.delete()


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


def test_hooks_see_a_single_request(api: APIClient, serve: Serve) -> None:
    serve(SeeingViewSet)
    one, two = CategoryFactory.create_batch(2)

    response = api.post(
        "/things/batch/?atomic=true&color=red",
        batch(
            op("POST", data={"name": "a"}),
            op("PUT", one.pk, {"name": "b"}),
            op("PATCH", one.pk, {"name": "c"}),
            op("DELETE", two.pk),
        ),
    )

    assert get_statuses(response) == [201, 200, 200, 204]
    query = {"color": ["red"]}
    nothing = (None, None, None)
    key, other = str(one.pk), str(two.pk)
    assert [
        ("create", "POST", {}, False, {"name": "a"}, "/things/", query, *nothing),
        ("update", "PUT", {"pk": key}, True, {"name": "b"}, f"/things/{key}/",
         query, *nothing),
        ("partial_update", "PATCH", {"pk": key}, True, {"name": "c"},
         f"/things/{key}/", query, *nothing),
        ("destroy", "DELETE", {"pk": other}, True, {}, f"/things/{other}/",
         query, *nothing),
    ] == SEEN  # fmt: skip


def test_hooks_see_what_the_single_endpoint_shows_them(
    api: APIClient, serve: Serve
) -> None:
    """The bulk request once more, as single requests."""
    serve(SeeingViewSet)
    row = CategoryFactory()
    api.post("/things/bulk/", [{"name": "a"}])
    api.patch("/things/bulk/", [{"id": row.pk, "name": "b"}])
    api.delete("/things/bulk/", [row.pk])
    in_bulk = SEEN[:]
    SEEN.clear()
    Category.objects.all().delete()
    CategoryFactory(pk=row.pk)

    api.post("/things/", {"name": "a"})
    api.patch(f"/things/{row.pk}/", {"id": row.pk, "name": "b"})
    api.delete(f"/things/{row.pk}/")

    assert in_bulk == SEEN
    assert len(SEEN) == 3


def test_user_of_the_request_is_that_of_its_operations(
    api: APIClient, serve: Serve
) -> None:
    users: list[Any] = []

    def perform_destroy(self: Any, instance: Any) -> None:
        users.append((self.request.user, self.request.auth))

    serve(make_view(perform_destroy=perform_destroy))
    user = UserFactory()
    api.force_authenticate(user, token="token")

    api.delete("/things/bulk/", [CategoryFactory().pk])

    assert users == [(user, "token")]


class TestProjectExceptionHandling:
    """A project's own handler says the status; its rollbacks are its own."""

    @pytest.fixture
    def handled(self, settings: Any, serve: Serve) -> None:
        """Install a handler as projects write them."""
        settings.REST_FRAMEWORK = {
            "TEST_REQUEST_DEFAULT_FORMAT": "json",
            "EXCEPTION_HANDLER": "tests.handlers.test_handlers.handle",
        }

        def perform_create(self: Any, serializer: Any) -> None:
            match serializer.save().name:
                case "key":
                    raise KeyError("inside")
                case "bug":
                    raise RuntimeError("inside")
                case "broken":
                    raise ZeroDivisionError("inside")

        serve(make_view(perform_create=perform_create))

    @pytest.mark.usefixtures("handled")
    def test_fail_with_what_the_handler_says(self, api: APIClient) -> None:
        response = api.post(
            "/things/bulk/",
            [{"name": "key"}, {"name": "a"}, {"name": ""}, {"name": "b"}],
        )

        results = get_results(response)
        assert [each["status"] for each in results] == [410, 201, 422, 201]
        assert results[0]["error"] == get_error(
            "error", "The operation failed.", 410, "Gone"
        )
        assert results[2]["error"]["errors"] == [
            {
                "pointer": "#/name",
                "code": "blank",
                "detail": "This field may not be blank.",
            }
        ]
        assert sorted(Category.objects.values_list("name", flat=True)) == ["a", "b"]

    @pytest.mark.usefixtures("handled")
    @pytest.mark.parametrize("name", ["bug", "broken"])
    def test_fail_with_what_the_handler_leaves(self, api: APIClient, name: str) -> None:
        response = api.post("/things/bulk/", [{"name": name}, {"name": "a"}])

        assert get_statuses(response) == [500, 201]
        assert list(Category.objects.values_list("name", flat=True)) == ["a"]

    def test_handle_exception_overridden(self, api: APIClient, serve: Serve) -> None:
        def handle_exception(self: Any, exc: Exception) -> Response:
            SEEN.append((self.action, type(exc).__name__))
            return Response({"message": "Ours.", "code": "ours"}, 409)

        def perform_create(self: Any, serializer: Any) -> None:
            serializer.save()
            raise RuntimeError("inside")

        serve(
            make_view(handle_exception=handle_exception, perform_create=perform_create)
        )

        results = get_results(api.post("/things/bulk/", [{"name": "a"}]))

        assert results[0]["error"] == get_error("ours", "Ours.", 409, "Conflict")
        assert SEEN == [("create", "RuntimeError")]
        assert not Category.objects.exists()


def handle(exc: Exception, context: Any) -> Any:
    """Do what DRF documents, and doom the transaction in any case."""
    transaction.set_rollback(True)
    if isinstance(exc, KeyError):
        return Response({"detail": "No such key.", "code": "gone"}, 410)
    if isinstance(exc, ZeroDivisionError):
        raise LookupError("the handler itself")
    response = exception_handler(exc, context)
    if response is not None and response.status_code == 400:
        response.status_code = 422
        response.data = {"problems": response.data}
    return response


def test_unexpected_exception_is_logged_and_announced(
    api: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    category = CategoryFactory().pk
    announced: list[Any] = []

    def hear(sender: Any, request: Any, **kwargs: Any) -> None:
        import sys

        announced.append((request.path, repr(sys.exc_info()[1])))

    got_request_exception.connect(hear)
    try:
        api.post(
            "/api/raising/bulk/",
            [
                get_product(sku=name, name=name, category=category)
                for name in ("good", "bug", "teapot")
            ],
        )
    finally:
        got_request_exception.disconnect(hear)

    assert announced == [("/api/raising/bulk/", "RuntimeError('the secret inside')")]
    (record,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert record.name == "multistatus_app"
    assert record.getMessage() == (
        "Unexpected error in operation 1 (POST) of /api/raising/bulk/"
    )
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "the secret inside"


class TestVersionsAndSuffixes:
    """What the path says beside the key stays with each operation."""

    @pytest.mark.parametrize(
        ("scheme", "make_urls", "root"),
        [
            (
                versioning.URLPathVersioning,
                lambda urls: [re_path(r"^(?P<version>v\d)/", include(urls))],
                "/v2",
            ),
            (
                versioning.NamespaceVersioning,
                lambda urls: [path("two/", include((urls, "v2"), namespace="v2"))],
                "/two",
            ),
        ],
    )
    def test_versions(
        self, api: APIClient, settings: Any, scheme: Any, make_urls: Any, root: str
    ) -> None:
        versions: list[Any] = []

        def get_queryset(self: Any) -> Any:
            versions.append((self.action, self.request.version))
            return Category.objects.all()

        def get_etag(self: Any, instance: Any) -> str:
            return f'"{self.request.version}"'

        router = SimpleRouter()
        view = make_view(
            versioning_class=scheme, get_queryset=get_queryset, get_etag=get_etag
        )
        router.register("things", view, basename="thing")
        settings.ROOT_URLCONF = make_urlconf(make_urls(router.urls))
        row = CategoryFactory()

        response = api.post(
            f"{root}/things/batch/",
            batch(
                op("PATCH", row.pk, {"name": "a"}),
                op("PATCH", row.pk, {"name": "b"}, if_match='"v2"'),
                op("POST", data={"name": "c"}),
            ),
        )

        assert get_statuses(response) == [200, 200, 201]
        created = Category.objects.get(name="c").pk
        assert [each["href"] for each in get_results(response)] == [
            f"{root}/things/{pk}/" for pk in (row.pk, row.pk, created)
        ]
        # The GET is asked for the entity tag.
        assert set(versions) == {("partial_update", "v2"), ("retrieve", "v2")}

    def test_format_suffix(self, api: APIClient, serve: Serve) -> None:
        formats: list[Any] = []

        def perform_update(self: Any, serializer: Any) -> None:
            formats.append((self.format_kwarg, serializer.context["format"]))
            serializer.save()

        serve(make_view(perform_update=perform_update), DefaultRouter())
        row = CategoryFactory()

        response = api.patch("/things/bulk.json", [{"id": row.pk, "name": "a"}])

        assert get_results(response)[0]["href"] == f"/things/{row.pk}/"
        assert formats == [(None, None)]  # as of a request to that href


def make_urlconf(patterns: Any) -> Any:
    """Return a URLconf of patterns."""
    from types import ModuleType

    urlconf = ModuleType("urlconf")
    urlconf.urlpatterns = patterns  # type: ignore[attr-defined]
    return urlconf


def test_data_that_a_hook_changed_is_not_shown_in_xml(
    api: APIClient, serve: Serve
) -> None:
    """What the client sent beside the faulty value is named as a dependency."""

    def update(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.data["hidden"] = "inside"
        return BulkModelViewSet.update(self, request, *args, **kwargs)

    serve(make_view(update=update))
    row = CategoryFactory()

    response = api.patch(
        "/things/bulk/",
        [{"id": row.pk, "name": "", "parent": None}],
        HTTP_ACCEPT="application/xml",
    )

    assert b"424" in response.content
    assert b"parent" in response.content
    assert b"hidden" not in response.content
    assert b"inside" not in response.content


class Fine(exceptions.APIException):
    """Says that all is well."""

    status_code = 200


class Soon(exceptions.APIException):
    """Says when in words."""

    status_code = 503
    wait = "soon"


class Never(exceptions.APIException):
    """Says when in no number of seconds."""

    status_code = 503
    wait = float("nan")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("exc", [Fine, Soon, Never])
@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize(
    "members", [{}, {"bulk_commit_every": 1}, {"bulk_replayable": True}]
)
def test_an_exception_that_says_impossible_things_is_one_operations(
    api: APIClient, serve: Serve, exc: Any, early: bool, members: Any
) -> None:
    def perform_create(self: Any, serializer: Any) -> None:
        odd = serializer.validated_data["name"] == "odd"
        if odd and early:
            raise exc
        serializer.save()
        if odd:
            raise exc

    serve(make_view(perform_create=perform_create, **members))

    response = api.post(
        "/things/bulk/", [{"name": "a"}, {"name": "odd"}, {"name": "b"}]
    )

    assert get_statuses(response) == [201, 500, 201]
    # Without a transaction of ours, a failure leaves what it leaves singly.
    left = ["odd"] if "bulk_commit_every" in members and not early else []
    assert sorted(Category.objects.values_list("name", flat=True)) == ["a", "b", *left]


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_a_request_that_cannot_be_made_is_one_operations_failure(
    api: APIClient, serve: Serve, place: int, query: str
) -> None:
    def initialize_request(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("pk") == "13":
            raise RuntimeError("Bad luck.")
        return BulkModelViewSet.initialize_request(self, request, *args, **kwargs)

    serve(make_view(initialize_request=initialize_request))
    rows = CategoryFactory.create_batch(2)
    asked = [op("PATCH", each.pk, {"name": f"new {each.pk}"}) for each in rows]
    asked.insert(place, op("DELETE", 13))

    response = api.post(f"/things/batch/{query}", batch(*asked))

    statuses = [200, 200]
    statuses.insert(place, 500)
    assert get_statuses(response) == statuses
    assert get_statuses(api.delete("/things/bulk/", [13])) == [500]


@pytest.mark.parametrize("name", ["operation", "targets", "fetched", "serializer_pool"])
@pytest.mark.parametrize("is_action", [True, False])
def test_a_viewset_may_have_names_of_its_own(
    api: APIClient, serve: Serve, name: str, is_action: bool
) -> None:
    def extra(self: Any, request: Any, pk: str) -> Response:
        return Response({"id": self.get_object().pk})

    extra.__name__ = name
    own = action(detail=True)(extra) if is_action else "something"
    serve(make_view(**{name: own, "bulk_lock": "wait"}))
    rows = CategoryFactory.create_batch(2)

    response = api.post(
        "/things/batch/",
        batch(
            op("POST", data={"name": "new"}),
            *(op("PATCH", each.pk, {"name": f"n{each.pk}"}) for each in rows),
            op("PUT", rows[0].pk, {"name": "put"}, if_match="*"),
            op("DELETE", rows[1].pk),
        ),
    )

    assert get_statuses(response) == [201, 200, 200, 200, 204]
    assert "etag" in response.json()["results"][0]
    if is_action:
        single = api.get(f"/things/{rows[0].pk}/{name}/")
        assert single.json() == {"id": rows[0].pk}


class TestRenames:
    """What was not kept has the path that it had before."""

    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_dry_run(self, api: APIClient, method: str) -> None:
        product = ProductFactory(sku="old")
        data = get_product(sku="new", category=product.category_id)

        response = api.post(
            "/api/skus/batch/?dry_run=1", batch(op(method, "old", data))
        )

        (result,) = get_results(response)
        assert (result["status"], result["href"]) == (200, "/api/skus/old/")
        assert result["data"]["sku"] == "new"
        assert api.get(result["href"]).status_code == 200

    @pytest.mark.parametrize("last", [op("DELETE", "nope"), op("POST", data={})])
    def test_failed_atomic(self, api: APIClient, last: Any) -> None:
        ProductFactory(sku="old")

        response = api.post(
            "/api/skus/batch/?atomic=1", batch(op("PATCH", "old", {"sku": "new"}), last)
        )

        result = get_results(response)[0]
        assert (result["status"], result["href"]) == (424, "/api/skus/old/")
        assert api.get(result["href"]).status_code == 200


def test_a_serializer_that_is_asked_for_early(api: APIClient, serve: Serve) -> None:
    """It is not the one that the action validates with."""

    def initial(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        BulkModelViewSet.initial(self, request, *args, **kwargs)
        self.get_serializer()
        self.get_serializer(data=request.data)

    serve(make_view(initial=initial))

    response = api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])

    assert get_statuses(response) == [201, 201]
    for result in response.json()["results"]:
        assert result["href"] == f"/things/{result['data']['id']}/"
        assert result["etag"]
