"""The methods of the routes: those that a viewset offers, and a true `Allow`."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import mixins, viewsets
from rest_framework.test import APIClient

from multistatus_app.mixins import BulkModelMixin
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import ProductFactory
from tests.handlers.viewsets import make_view

pytestmark = pytest.mark.django_db


class TestMethods:
    """What is not offered singly is not offered in bulk."""

    @pytest.mark.parametrize(
        ("url", "method", "allow"),
        [
            ("/api/categories/bulk/", "get", "POST, PUT, PATCH, DELETE, OPTIONS"),
            ("/api/categories/batch/", "delete", "POST, OPTIONS"),
            ("/api/categories/batch/", "get", "POST, OPTIONS"),
            ("/api/events/bulk/", "put", "POST, OPTIONS"),
            ("/api/events/bulk/", "delete", "POST, OPTIONS"),
        ],
    )
    def test_fail_with_a_true_allow(
        self, api: APIClient, url: str, method: str, allow: str
    ) -> None:
        response = getattr(api, method)(url, [])

        assert response.status_code == 405
        assert response["Allow"] == allow
        assert response.json() == {"detail": f'Method "{method.upper()}" not allowed.'}
        assert response["Cache-Control"] == "no-store"
        assert response["Vary"] == "Accept, Prefer, Cookie"

    @pytest.mark.parametrize("name", ["bulk", "batch"])
    def test_fail_viewset_that_offers_nothing(self, api: APIClient, name: str) -> None:
        """The path is a key of the detail route, as it was before."""
        assert api.post(f"/api/read-only/{name}/", []).status_code == 405
        assert api.get(f"/api/read-only/{name}/").status_code == 404

    def test_bases_in_the_other_order(self, api: APIClient) -> None:
        product = ProductFactory()

        response = api.patch("/api/patch-only/bulk/", [{"id": product.pk, "stock": 2}])
        mixed = api.post(
            "/api/patch-only/batch/",
            batch(op("PATCH", product.pk, {"stock": 3}), op("DELETE", product.pk)),
        )

        assert get_statuses(response) == [200]
        assert get_statuses(mixed) == [200, 405]

    def test_options(self, api: APIClient) -> None:
        response = api.options("/api/categories/bulk/")

        assert response.status_code == 200
        assert response["Allow"] == "POST, PUT, PATCH, DELETE, OPTIONS"
        document = response.json()
        assert document["renders"][0] == "application/json"
        assert "application/xml" in document["renders"]
        assert document["parses"] == ["application/json", "application/xml", "text/xml"]

    @pytest.mark.parametrize(
        "bases",
        [
            (BulkModelMixin, viewsets.ModelViewSet),
            (viewsets.ModelViewSet, BulkModelMixin),
            (BulkModelMixin, mixins.CreateModelMixin, viewsets.GenericViewSet),
            (mixins.CreateModelMixin, viewsets.GenericViewSet, BulkModelMixin)[::-1],
            (mixins.CreateModelMixin, BulkModelMixin),
        ],
    )
    def test_any_order_of_bases(self, api: APIClient, serve: Serve, bases: Any) -> None:
        serve(make_view(*bases))

        response = api.post("/things/bulk/", [{"name": "a"}])

        assert get_statuses(response) == [201]

    def test_subclass_that_takes_methods_away(
        self, api: APIClient, serve: Serve
    ) -> None:
        serve(make_view(http_method_names=["get", "post", "delete", "options"]))

        assert api.options("/things/bulk/")["Allow"] == "POST, DELETE, OPTIONS"
        assert api.patch("/things/bulk/", []).status_code == 405
