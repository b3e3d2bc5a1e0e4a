"""The paths of what was done: versions, suffixes, and rows that are renamed."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import include, path, re_path
from rest_framework import versioning
from rest_framework.routers import DefaultRouter, SimpleRouter
from rest_framework.test import APIClient

from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory
from tests.handlers.products import get_product
from tests.handlers.viewsets import make_urlconf, make_view
from tests.shop.models import Category

pytestmark = pytest.mark.django_db


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
        settings.ROOT_URLCONF = make_urlconf(*make_urls(router.urls))
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
