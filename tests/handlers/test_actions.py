"""What an action answers is the answer of its operation."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from rest_framework.response import Response
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_error, get_results, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory
from tests.handlers.products import get_product
from tests.handlers.viewsets import make_view
from tests.shop.models import Event, Product

pytestmark = pytest.mark.django_db


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
