"""What a project overrides of the routes is heeded."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import include, path
from rest_framework import parsers, renderers
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_error, get_results, get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.handlers.viewsets import make_urlconf, make_view
from tests.shop import serializers as shop
from tests.shop.models import Category

pytestmark = pytest.mark.django_db


class TestOverrides:
    """Methods of the view that projects override."""

    def test_initial(self, api: APIClient, serve: Serve) -> None:
        seen: list[Any] = []

        def initial(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
            BulkModelViewSet.initial(self, request, *args, **kwargs)
            self.tenant = f"{self.action} {kwargs}"
            seen.append((self.action, kwargs))

        def get_queryset(self: Any) -> Any:
            assert self.tenant
            return Category.objects.all()

        serve(make_view(initial=initial, get_queryset=get_queryset))
        one, two = CategoryFactory.create_batch(2)

        response = api.delete("/things/bulk/", [one.pk, two.pk])

        assert get_statuses(response) == [204, 204]
        assert seen == [
            ("destroy", {"pk": str(one.pk)}),
            ("destroy", {"pk": str(two.pk)}),
        ]

    def test_initial_that_refuses_one(self, api: APIClient, serve: Serve) -> None:
        class Busy(APIException):
            status_code = 409
            default_code = "busy"
            default_detail = "Not now."

        def initial(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
            BulkModelViewSet.initial(self, request, *args, **kwargs)
            if request.data and self.action == "create" and not request.data["name"]:
                raise Busy

        serve(make_view(initial=initial))

        response = api.post("/things/bulk/", [{"name": ""}, {"name": "a"}])

        assert get_statuses(response) == [409, 201]
        assert get_results(response)[0]["error"] == get_error(
            "busy", "Not now.", 409, "Conflict"
        )

    def test_get_serializer(self, api: APIClient, serve: Serve) -> None:
        def get_serializer(self: Any, *args: Any, **kwargs: Any) -> Any:
            if "data" in kwargs:
                kwargs["data"] = {**kwargs["data"], "name": "from get_serializer"}
            return BulkModelViewSet.get_serializer(self, *args, **kwargs)

        serve(make_view(get_serializer=get_serializer))

        response = api.post("/things/bulk/", [{"name": "a"}])

        assert get_results(response)[0]["data"]["name"] == "from get_serializer"
        pk = Category.objects.get().pk
        assert get_results(response)[0]["href"] == f"/things/{pk}/"

    def test_renderers_and_parsers_of_its_own(
        self, api: APIClient, serve: Serve
    ) -> None:
        """A viewset that speaks HTML and forms still speaks our formats in bulk."""
        serve(
            make_view(
                renderer_classes=[renderers.BrowsableAPIRenderer],
                parser_classes=[parsers.FormParser],
            )
        )

        response = api.post(
            "/things/bulk/", [{"name": "a"}], headers={"Accept": "application/json"}
        )

        assert get_statuses(response) == [201]

    def test_extra_actions_of_its_own(self, api: APIClient, serve: Serve) -> None:
        from rest_framework.decorators import action

        class ExtraViewSet(BulkModelViewSet):
            queryset = Category.objects.all()
            serializer_class = shop.CategorySerializer

            @action(detail=False, methods=["post"])
            def clear(self, request: Any) -> Response:
                return Response({"cleared": Category.objects.all().delete()[0]})

        serve(ExtraViewSet)
        CategoryFactory()

        assert api.post("/things/clear/").json() == {"cleared": 1}
        assert get_statuses(api.post("/things/bulk/", [{"name": "a"}])) == [201]

    def test_subclass_of_a_subclass(self, api: APIClient, settings: Any) -> None:
        """Restricting one class leaves its parent and its siblings alone."""
        parent = make_view()
        child = make_view(parent, http_method_names=["get", "post", "options"])
        router = DefaultRouter()
        for name, each in (
            ("parents", parent),
            ("children", child),
            ("others", parent),
        ):
            router.register(name, each, basename=name)
        settings.ROOT_URLCONF = make_urlconf(path("x/", include(router.urls)))

        allowed = [
            api.options(f"/x/{name}/bulk/")["Allow"]
            for name in ("parents", "children", "others")
        ]

        full = "POST, PUT, PATCH, DELETE, OPTIONS"
        assert allowed == [full, "POST, OPTIONS", full]
