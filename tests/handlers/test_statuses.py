"""The status of one operation, as docs/wire.md has it."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import Http404
from rest_framework import authentication, exceptions, permissions
from rest_framework.test import APIClient

from tests.answers import batch, get_error, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, NoteFactory, ProductFactory, TagFactory
from tests.handlers.products import get_product
from tests.handlers.viewsets import make_view
from tests.shop.models import Category, Note, Product

pytestmark = pytest.mark.django_db


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
