"""The routes: full requests under every router."""

from __future__ import annotations

from typing import Any

import pytest
from django.test.utils import override_script_prefix
from django.urls import resolve, reverse
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient

from tests.answers import batch, get_results, get_statuses, op
from tests.factories import CategoryFactory, ProductFactory
from tests.handlers.viewsets import make_urlconf, make_view

pytestmark = pytest.mark.django_db


class TestRoutes:
    """Under any router of anybody."""

    @pytest.mark.parametrize(
        ("name", "kwargs", "url"),
        [
            ("category-bulk", {}, "/api/categories/bulk/"),
            ("category-batch", {}, "/api/categories/batch/"),
            ("v2:product-bulk", {}, "/v2/products/bulk"),
            ("v2:product-batch", {}, "/v2/products/batch"),
            (
                "nested-product-bulk",
                {"category_pk": 5},
                "/nested/categories/5/products/bulk/",
            ),
        ],
    )
    def test_names(self, name: str, kwargs: Any, url: str) -> None:
        assert reverse(name, kwargs=kwargs) == url
        assert resolve(url).view_name == name

    @pytest.mark.parametrize(
        ("root", "suffix"),
        [
            ("/api/products", "/"),
            ("/v2/products", ""),
            ("/nested/categories/{}/products", "/"),
        ],
    )
    def test_success_under_every_router(
        self, api: APIClient, root: str, suffix: str
    ) -> None:
        product = ProductFactory()
        root = root.format(product.category_id)
        new = {"sku": "new", "name": "n", "price": 1, "category": product.category_id}

        created = api.post(f"{root}/bulk{suffix}", [new])
        changed = api.post(
            f"{root}/batch{suffix}", batch(op("PATCH", product.pk, {"stock": 3}))
        )

        pk = get_results(created)[0]["data"]["id"]
        assert get_results(created)[0]["href"] == f"{root}/{pk}{suffix}"
        assert get_results(changed)[0]["href"] == f"{root}/{product.pk}{suffix}"
        assert api.get(get_results(created)[0]["href"]).status_code == 200

    def test_href_has_the_script_prefix(self, api: APIClient) -> None:
        row = CategoryFactory()

        with override_script_prefix("/prefix/"):
            response = api.patch("/api/categories/bulk/", [{"id": row.pk, "name": "a"}])

        assert get_results(response)[0]["href"] == f"/prefix/api/categories/{row.pk}/"

    def test_lookup_field_and_url_kwarg(self, api: APIClient) -> None:
        product = ProductFactory(sku="a-b")

        response = api.put(
            "/api/skus/bulk/",
            [{"sku": "a-b", "name": "x", "price": 2, "category": product.category_id}],
        )

        assert get_results(response)[0]["href"] == "/api/skus/a-b/"
        assert get_results(response)[0]["data"]["name"] == "x"

    def test_converter_of_the_project(self, api: APIClient, settings: Any) -> None:
        """Keys are values of the field; the converter makes URLs of them."""
        from django.urls import register_converter
        from django.urls.converters import REGISTERED_CONVERTERS, get_converters

        class Offset:
            regex = "[0-9]+"

            def to_python(self, value: str) -> int:
                return int(value) - 1000

            def to_url(self, value: Any) -> str:
                return str(int(value) + 1000)

        if "offset" not in REGISTERED_CONVERTERS:
            register_converter(Offset, "offset")
        get_converters.cache_clear()
        router = SimpleRouter(use_regex_path=False)
        router.register(
            "things", make_view(lookup_value_converter="offset"), basename="thing"
        )
        settings.ROOT_URLCONF = make_urlconf(*router.urls)
        rows = CategoryFactory.create_batch(3)

        response = api.patch(
            "/things/bulk/", [{"id": each.pk, "name": f"n{each.pk}"} for each in rows]
        )

        assert [
            (each["status"], each["href"], each["data"]["id"])
            for each in get_results(response)
        ] == [(200, f"/things/{each.pk + 1000}/", each.pk) for each in rows]

    def test_converter_that_returns_text(self, api: APIClient, settings: Any) -> None:
        """Every key goes through it, not the first alone."""
        from django.urls import register_converter
        from django.urls.converters import REGISTERED_CONVERTERS, get_converters

        class Lower:
            regex = "[A-Za-z-]+"

            def to_python(self, value: str) -> str:
                return value.lower()

            def to_url(self, value: str) -> str:
                return value

        if "lower" not in REGISTERED_CONVERTERS:
            register_converter(Lower, "lower")
        get_converters.cache_clear()
        router = SimpleRouter(use_regex_path=False)
        view = make_view(lookup_field="name", lookup_value_converter="lower")
        router.register("things", view, basename="thing")
        settings.ROOT_URLCONF = make_urlconf(*router.urls)
        for name in ("abc", "def"):
            CategoryFactory(name=name)

        response = api.delete("/things/bulk/", ["abc", "DEF"])

        assert get_statuses(response) == [204, 204]

    def test_single_endpoints_are_as_they_were(self, api: APIClient) -> None:
        row = CategoryFactory()

        assert api.get("/api/categories/").json() == [
            {"id": row.pk, "name": row.name, "parent": None}
        ]
        assert (
            api.get(
                "/api/categories/", headers={"Accept": "application/xml"}
            ).status_code
            == 406
        )
        single = api.post("/api/categories/", {"name": "a"})
        assert single.status_code == 201
        assert "Cache-Control" not in single
        assert single["Vary"] == "Accept, Cookie"
