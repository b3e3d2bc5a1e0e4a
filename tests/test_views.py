"""Tests of multistatus_app.views: what is run for the request as a whole."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.http import JsonResponse
from django.urls import include, path
from rest_framework import exceptions, mixins, permissions, throttling
from rest_framework.authentication import BasicAuthentication, SessionAuthentication
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


class Shut(throttling.BaseThrottle):
    """Lets nobody pass."""

    def allow_request(self, request: Any, view: Any) -> bool:
        """Refuse."""
        return False


class ByData(permissions.BasePermission):
    """Refuses a name."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Read the data."""
        return request.data.get("name") != "no"


class ByKey(permissions.BasePermission):
    """Permits details but one, and nothing else."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Read the key."""
        return bool(view.detail and view.kwargs["pk"] != "1")


class Broken(permissions.BasePermission):
    """Refuses a name, and fails for another."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Read the data."""
        return bool({"no": False}[request.data["name"]])


CLOSED = {"permission_classes": [permissions.IsAuthenticated]}
CREATE, NAMED_NO = op("POST", data={"name": "a"}), op("POST", data={"name": "no"})


def delete(key: str) -> Any:
    return op("DELETE", key)


class TestRefusals:
    """The whole is refused only where each single request would have been."""

    @pytest.mark.parametrize(
        ("members", "operations", "singles", "whole"),
        [
            (CLOSED, [delete("1"), CREATE], [401, 401], 401),
            (CLOSED | {"http_method_names": ["post", "patch"]}, [delete("1")], [401],
             401),
            ({"permission_classes": [ByData]}, [NAMED_NO, NAMED_NO], [401, 401], 401),
            ({"permission_classes": [ByData]}, [NAMED_NO, CREATE], [401, 201], None),
            ({"permission_classes": [ByData], "throttle_classes": [Shut]},
             [CREATE, NAMED_NO], [429, 401], None),
            ({"permission_classes": [ByData], "throttle_classes": [Shut]},
             [NAMED_NO], [401], 401),
            ({"throttle_classes": [Shut]}, [CREATE, CREATE], [429, 429], None),
            ({"permission_classes": [ByKey]}, [delete("1"), delete("1")], [401, 401],
             401),
            ({"permission_classes": [ByKey]}, [delete("1"), delete("2")], [401, 404],
             None),
            ({"permission_classes": [ByKey]}, [CREATE, delete("a/b")], [401, 404],
             None),
            ({}, [delete("a/b"), delete("x.y")], [404, 404], None),
            ({"permission_classes": [Broken]}, [NAMED_NO, CREATE], [401, 500], None),
        ],
    )  # fmt: skip
    def test_statuses(
        self,
        api: APIClient,
        serve: Serve,
        members: Any,
        operations: Any,
        singles: list[int],
        whole: int | None,
    ) -> None:
        serve(make_view(authentication_classes=[BasicAuthentication], **members))

        found = []
        for each in operations:
            send = getattr(api, each["method"].lower())
            path = f"/things/{each['key']}/" if "key" in each else "/things/"
            found.append(send(path, each.get("data")).status_code)
        Category.objects.all().delete()
        response = api.post("/things/batch/", batch(*operations))

        assert found == singles
        if whole is None:
            assert get_statuses(response) == singles
        else:
            assert response.status_code == whole
            assert response["WWW-Authenticate"] == 'Basic realm="api"'

    def test_a_viewset_without_a_detail_route(
        self, api: APIClient, serve: Serve
    ) -> None:
        serve(make_view(BulkModelMixin, mixins.CreateModelMixin))

        response = api.post("/things/batch/", batch(CREATE, delete("1")))

        assert get_statuses(response) == [201, 404]

    def test_before_the_body_is_read(self, api: APIClient, serve: Serve) -> None:
        serve(make_view(authentication_classes=[BasicAuthentication], **CLOSED))

        response = api.post("/things/bulk/", "[{", content_type="application/json")

        assert response.status_code == 401

    @pytest.mark.parametrize("name", ["dispatch", "initialize_request", "initial"])
    def test_not_before_code_that_logs_in(
        self, api: APIClient, serve: Serve, name: str
    ) -> None:
        """A project may know the user by what it does before the permissions."""
        user = UserFactory()

        def log_in(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            if request.headers.get("X-Token") == "secret":
                getattr(request, "_request", request).user = user
                if name == "initial":
                    request.user = user
            return getattr(super(view, self), name)(request, *args, **kwargs)

        view = make_view(
            authentication_classes=[SessionAuthentication], **CLOSED, **{name: log_in}
        )
        serve(view)
        asked = [{"name": "a"}, {"name": "b"}]

        single = api.post("/things/", {"name": "c"}, headers={"X-Token": "secret"})
        response = api.post("/things/bulk/", asked, headers={"X-Token": "secret"})
        refused = api.post("/things/bulk/", asked)

        assert single.status_code == 201
        assert get_statuses(response) == [201, 201]
        assert refused.status_code == 403
        assert get_names() == ["c", "a", "b"]


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
