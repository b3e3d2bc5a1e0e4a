"""Tests of multistatus_app.views: what is run for the request as a whole."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.http import JsonResponse
from django.urls import include, path
from rest_framework import exceptions
from rest_framework.authentication import BasicAuthentication
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient
from rest_framework.viewsets import ModelViewSet
from rest_framework_nested.routers import NestedSimpleRouter
from rest_framework_nested.viewsets import NestedViewSetMixin

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory, UserFactory
from tests.handlers.viewsets import SINGLE, get_names, make_urlconf, make_view
from tests.shop import serializers as shop
from tests.shop.models import Category, Product

pytestmark = pytest.mark.django_db

SEEN: list[Any] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


def make_hook(name: str) -> Any:
    """Override a hook: it knows the actions of single requests, and no others."""

    def hook(self: Any, *args: Any, **kwargs: Any) -> Any:
        action = self.action_map[self.request.method.lower()]
        found = getattr(super(view, self), name)(*args, **kwargs)
        SEEN.append({each: each for each in SINGLE}[action])
        return found

    view = make_view(**{name: hook})
    return view


# What DRF calls on the way of a single request.
CALLED = (
    "dispatch",
    "initial",
    "perform_content_negotiation",
    "check_throttles",
    "get_throttles",
    "get_queryset",
    "filter_queryset",
    "get_object",
    "get_serializer",
    "get_serializer_class",
    "get_serializer_context",
    "get_success_headers",
    "get_exception_handler",
    "handle_exception",
    "finalize_response",
)
# What our route asks by itself, too, on a bare view with an action: which fields and
# which database a method has.
ASKED = ("get_queryset", "get_serializer", "get_serializer_class",
         "get_serializer_context")  # fmt: skip


@pytest.mark.parametrize("name", CALLED)
class TestHooks:
    """Code for one operation never meets the request that they came in."""

    def test_is_run_for_each_operation(
        self, api: APIClient, serve: Serve, name: str
    ) -> None:
        serve(make_hook(name))
        row, bad = CategoryFactory.create_batch(2)

        response = api.post(
            "/things/batch/",
            batch(
                op("POST", data={"name": "a"}),
                op("PATCH", row.pk, {"name": "b"}),
                op("PUT", bad.pk, {"name": ""}),
                op("DELETE", row.pk),
            ),
        )
        in_batch = SEEN[:]
        SEEN.clear()
        api.post("/things/", {"name": "c"})
        row = CategoryFactory()
        api.patch(f"/things/{row.pk}/", {"name": "d"})
        api.put(f"/things/{bad.pk}/", {"name": ""})
        api.delete(f"/things/{row.pk}/")

        assert get_statuses(response) == [201, 200, 400, 204]
        assert SEEN
        if name in ASKED:
            assert set(SEEN) <= set(in_batch)
        else:
            assert in_batch == SEEN

    def test_is_not_run_for_a_request_that_is_refused(
        self, api: APIClient, serve: Serve, name: str
    ) -> None:
        serve(make_hook(name))

        response = api.post("/things/bulk/", {})

        assert response.status_code == 400
        assert SEEN == []


def test_a_version_that_depends_on_the_action(api: APIClient, serve: Serve) -> None:
    def determine_version(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        version = {"create": "new", "destroy": "old"}[self.action]
        SEEN.append(version)
        return version, None

    serve(make_view(determine_version=determine_version))
    row = CategoryFactory()

    response = api.post(
        "/things/batch/", batch(op("POST", data={"name": "a"}), op("DELETE", row.pk))
    )

    assert get_statuses(response) == [201, 204]
    assert SEEN == ["new", "old"]


class TestNested:
    """drf-nested-routers' mixin puts the parent into the data of each request."""

    @pytest.fixture(params=["before", "after"])
    def path(self, request: pytest.FixtureRequest, settings: Any) -> str:
        """Serve the products of a category, with our mixin before or after theirs."""
        bases = [NestedViewSetMixin, BulkModelViewSet]
        if request.param == "before":
            bases = [BulkModelMixin, NestedViewSetMixin, ModelViewSet]
        view = make_view(
            *bases,
            queryset=Product.objects.order_by("pk"),
            serializer_class=shop.ProductSerializer,
            parent_lookup_kwargs={"category_pk": "category__pk"},
        )
        parents = SimpleRouter()
        parents.register("categories", make_view(), basename="category")
        nested = NestedSimpleRouter(parents, "categories", lookup="category")
        nested.register("products", view, basename="product")
        settings.ROOT_URLCONF = make_urlconf(path("", include(nested.urls)))
        return f"/categories/{CategoryFactory().pk}/products/"

    def test_success(self, api: APIClient, path: str) -> None:
        one, two = ProductFactory.create_batch(2, category=Category.objects.get())
        data = {"sku": "a", "name": "A", "price": "1.00"}

        created = api.post(f"{path}bulk/", [data])
        mixed = api.post(
            f"{path}batch/",
            batch(
                op("POST", data=data | {"sku": "b"}), op("PATCH", one.pk, {"stock": 3})
            ),
        )
        deleted = api.delete(f"{path}bulk/", [two.pk, ProductFactory().pk])

        assert get_statuses(created) == [201]
        assert get_statuses(mixed) == [201, 200]
        assert get_statuses(deleted) == [204, 404]
        assert {each["data"]["category"] for each in get_results(mixed)} == {
            one.category_id
        }

    def test_fail(self, api: APIClient, path: str) -> None:
        assert get_statuses(api.post(f"{path}bulk/", [1])) == [400]
        assert api.post(f"{path}bulk/", {}).json() == {
            "detail": "The body must be an array of objects, got an object."
        }


class TestAtomic:
    """Every operation is run, and every failure is told."""

    def test_fail(self, api: APIClient, serve: Serve) -> None:
        def perform_create(self: Any, serializer: Any) -> None:
            SEEN.append(serializer.validated_data["name"])
            serializer.save()
            if SEEN[-1] == "denied":
                raise exceptions.PermissionDenied("Not this one.")
            if SEEN[-1] == "bug":
                raise RuntimeError("inside")

        serve(make_view(perform_create=perform_create))

        response = api.post(
            "/things/batch/?atomic=true",
            batch(
                op("POST", data={"name": "a"}),
                op("POST", data={"name": "denied"}),
                op("POST", data={"name": "a"}),
                op("POST", data={"name": "bug"}),
                op("DELETE", 0),
                op("GET", 1),
                op("POST", data={"name": "b"}),
            ),
        )

        assert get_statuses(response) == [424, 403, 400, 500, 404, 400, 424]
        assert SEEN == ["a", "denied", "bug", "b"]
        assert get_results(response)[0]["error"]["detail"] == (
            "Operation 1 failed, and the request is atomic."
        )
        assert response.json()["summary"] == {
            "total": 7, "succeeded": 0, "failed": 7, "committed": False,
        }  # fmt: skip
        assert get_names() == []


# What of the viewset others look for on the view of our route


class SecondFactorMiddleware:
    """Refuses views that are marked."""

    def __init__(self, get_response: Any) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Answer."""
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> Any:
        """Look at the class, as is usual."""
        if getattr(getattr(view, "cls", None), "needs_second_factor", False):
            return JsonResponse({"detail": "No."}, status=403)
        return None


@pytest.mark.parametrize("needs", [True, False])
def test_marks_of_the_viewset(
    api: APIClient, serve: Serve, settings: Any, needs: bool
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.SecondFactorMiddleware"]
    serve(make_view(needs_second_factor=needs))

    assert api.post("/things/", {"name": "a"}).status_code == (403 if needs else 201)
    response = api.post("/things/bulk/", [{"name": "b"}])
    assert response.status_code == (403 if needs else 207)


def test_methods_of_the_viewset_are_none_of_our_view() -> None:
    view = make_view(answer=42).as_view({"post": "bulk"})

    assert view.cls.answer == 42  # type: ignore[attr-defined]
    for name in ("get_queryset", "create", "missing", "_private"):
        assert not hasattr(view.cls, name)  # type: ignore[attr-defined]


def test_the_queryset_of_the_viewset_is_left_alone() -> None:
    """REST framework's `as_view()` forbids to evaluate one; not that of a viewset."""
    viewset = make_view(queryset=Category.objects.all())
    viewset.as_view({"post": "bulk"})

    assert list(viewset.queryset) == []


class CountingAuthentication(BasicAuthentication):
    """Counts the uses of an account, whose row it locks."""

    def authenticate(self, request: Any) -> Any:
        """Count, then refuse who is not active."""
        user = get_user_model().objects.select_for_update().get()
        user.first_name += "x"
        user.save()
        if user.last_name == "gone":
            raise exceptions.AuthenticationFailed
        return user, None


@pytest.mark.parametrize("name", ["here", "gone"])
@pytest.mark.django_db(transaction=True)
def test_authentication_with_a_transaction_for_each_request(
    api: APIClient, serve: Serve, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It is in one, and what it wrote for whom it refuses is undone."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    user = UserFactory(first_name="", last_name=name)
    serve(make_view(authentication_classes=[CountingAuthentication]))

    status = api.post("/things/bulk/", [{"name": "a"}]).status_code
    user.refresh_from_db()

    assert (status, user.first_name) == ((207, "x") if name == "here" else (401, ""))
