"""What stands before an action, around its view, or in its place on the route."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path
from django.utils.decorators import method_decorator
from rest_framework import permissions
from rest_framework.authentication import BasicAuthentication
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient

from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, UserFactory
from tests.handlers.viewsets import get_names, make_urlconf, make_view
from tests.shop.models import Category, Event

pytestmark = pytest.mark.django_db


class TestDispatch:
    """A viewset's own `dispatch()` is run for each operation."""

    def test_sets_what_hooks_need(self, api: APIClient, settings: Any) -> None:
        def dispatch(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            self.parent = get_object_or_404(Category, name=kwargs["parent"])
            return super(view, self).dispatch(request, *args, **kwargs)

        view = make_view(
            dispatch=dispatch,
            get_queryset=lambda self: Category.objects.filter(parent=self.parent),
            perform_create=lambda self, serializer: serializer.save(parent=self.parent),
        )
        router = SimpleRouter()
        router.register("things", view, basename="thing")
        settings.ROOT_URLCONF = make_urlconf(
            path("<slug:parent>/", include(router.urls))
        )
        parent = CategoryFactory(name="p")
        child, other = CategoryFactory(parent=parent), CategoryFactory()

        response = api.post(
            "/p/things/batch/",
            batch(
                op("POST", data={"name": "a"}),
                op("PATCH", child.pk, {"name": "b"}),
                op("PATCH", other.pk, {"name": "c"}),
            ),
        )
        missing = api.post("/q/things/bulk/", [{"name": "d"}])

        assert get_statuses(response) == [201, 200, 404]
        assert Category.objects.get(name="a").parent == parent
        assert get_statuses(missing) == [404]

    def test_catches_and_answers(self, api: APIClient, serve: Serve) -> None:
        def dispatch(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return super(view, self).dispatch(request, *args, **kwargs)
            except LookupError as exc:
                return JsonResponse({"detail": str(exc), "code": "odd"}, status=409)

        view = make_view(dispatch=dispatch, perform_create=save_and_raise(LookupError))
        serve(view)

        single = api.post("/things/", {"name": "odd"})
        Category.objects.all().delete()
        response = api.post("/things/bulk/", [{"name": "odd"}, {"name": "a"}])

        assert (single.status_code, single.json()["code"]) == (409, "odd")
        assert get_statuses(response) == [409, 201]
        error = get_results(response)[0]["error"]
        assert (error["code"], error["detail"]) == ("odd", "It is odd.")
        assert get_names() == ["a"]

    def test_catches_and_goes_on(self, api: APIClient, serve: Serve) -> None:
        """An answer below 400 of a `dispatch()` that caught everything is a success."""

        def dispatch(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return super(view, self).dispatch(request, *args, **kwargs)
            except LookupError:
                Event.objects.create(text="caught")
                return JsonResponse({"id": 7}, status=202)

        view = make_view(dispatch=dispatch, perform_create=save_and_raise(LookupError))
        serve(view)

        response = api.post("/things/bulk/", [{"name": "odd"}, {"name": "a"}])

        assert get_statuses(response) == [202, 201]
        assert get_results(response)[0]["data"] == {"id": 7}
        assert Event.objects.count() == 1

    def test_refuses_before_rest_framework(self, api: APIClient, serve: Serve) -> None:
        def dispatch(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            if kwargs.get("pk") == "13":
                return HttpResponse("Not that one.", status=410)
            if kwargs.get("pk") == "14":
                raise Http404("Nor that one.")
            return super(view, self).dispatch(request, *args, **kwargs)

        view = make_view(dispatch=dispatch)
        serve(view)

        response = api.delete("/things/bulk/", [13, 14, CategoryFactory(pk=15).pk])

        assert get_statuses(response) == [410, 404, 204]
        assert get_results(response)[1]["error"]["detail"] == "Nor that one."

    def test_of_a_decorator(self, api: APIClient, serve: Serve) -> None:
        """`method_decorator(login_required, name="dispatch")` answers with a 302."""
        serve(method_decorator(login_required, name="dispatch")(make_view()))

        refused = api.post("/things/bulk/", [{"name": "a"}])
        assert api.post("/things/", {"name": "a"}).status_code == 302
        api.force_login(UserFactory())
        response = api.post("/things/bulk/", [{"name": "a"}])

        assert get_statuses(refused) == [302]
        assert refused.json()["summary"]["failed"] == 1
        assert get_statuses(response) == [201]


def save_and_raise(kind: Any) -> Any:
    """Return a hook that saves, and fails for a name."""

    def perform_create(self: Any, serializer: Any) -> None:
        if serializer.save().name == "odd":
            raise kind("It is odd.")

    return perform_create


def wrap(view: Any, before: Any = None, after: Any = None) -> Any:
    """Put something around a view, as urls.py does."""

    @functools.wraps(view)
    def wrapped(request: Any, *args: Any, **kwargs: Any) -> Any:
        answer = before and before(request)
        response = answer or view(request, *args, **kwargs)
        if after:
            after(request, response)
        return response

    return wrapped


def get_patterns(view: Any, wrapper: Any, **initkwargs: Any) -> Any:
    """Route a viewset by hand, the single routes with something around them."""
    return make_urlconf(
        path("things/", wrapper(
            view.as_view({"get": "list", "post": "create"}, **initkwargs)
        ), name="thing-list"),
        path("things/bulk/", view.as_view(
            {"post": "bulk", "patch": "bulk", "delete": "bulk"}
        ), name="thing-bulk"),
        path("things/batch/", view.as_view({"post": "batch"}), name="thing-batch"),
        path("things/<int:pk>/", wrapper(view.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"},
            **initkwargs,
        )), name="thing-detail"),
    )  # fmt: skip


@pytest.fixture(params=[1, None], ids=["sets", "singly"])
def sets(request: pytest.FixtureRequest, settings: Any) -> None:
    """Make sets of any size, or none."""
    settings.MULTISTATUS = {"MIN_SET_SIZE": request.param}


@pytest.mark.usefixtures("sets")
class TestWrappers:
    """What urls.py puts around the view of a single route."""

    def test_refuses(self, api: APIClient, settings: Any) -> None:
        def before(request: Any) -> Any:
            if request.method == "DELETE":
                return JsonResponse({"detail": "Nothing is deleted here."}, status=403)
            return None

        settings.ROOT_URLCONF = get_patterns(make_view(), lambda v: wrap(v, before))
        row = CategoryFactory()

        response = api.delete("/things/bulk/", [row.pk])
        created = api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])

        assert get_statuses(response) == [403]
        assert get_results(response)[0]["error"]["detail"] == "Nothing is deleted here."
        assert get_statuses(created) == [201, 201]
        assert Category.objects.filter(pk=row.pk).exists()

    def test_sets_something_on_the_request(self, api: APIClient, settings: Any) -> None:
        def before(request: Any) -> None:
            request.tenant = f"{request.method} {request.path}"

        view = make_view(
            perform_create=lambda self, serializer: serializer.save(
                name=self.request._request.tenant
            )
        )
        settings.ROOT_URLCONF = get_patterns(view, lambda v: wrap(v, before))

        response = api.post("/things/bulk/", [{"name": "a"}])

        assert get_statuses(response) == [201]
        assert get_names() == ["POST /things/"]

    def test_logs_in(self, api: APIClient, settings: Any) -> None:
        """A token that a wrapper knows, and REST framework's session authentication."""
        user = UserFactory()

        def before(request: Any) -> None:
            if request.headers.get("X-Token") == "secret":
                request.user = user

        def perform_create(self: Any, serializer: Any) -> None:
            serializer.save()
            Event.objects.create(text=f"by {self.request.user}")

        view = make_view(
            permission_classes=[permissions.IsAuthenticated],
            perform_create=perform_create,
        )
        settings.ROOT_URLCONF = get_patterns(view, lambda v: wrap(v, before))
        header = {"headers": {"X-Token": "secret"}}

        single = api.post("/things/", {"name": "a"}, **header)
        response = api.post("/things/bulk/", [{"name": "b"}, {"name": "c"}], **header)
        refused = api.post("/things/bulk/", [{"name": "d"}])

        assert single.status_code == 201
        assert get_statuses(response) == [201, 201]
        assert refused.status_code == 403
        assert {each.text for each in Event.objects.all()} == {f"by {user}"}

    def test_takes_a_header_for_another(self, api: APIClient, settings: Any) -> None:
        """Something else is laid into `Authorization`, as for browsers."""
        user: Any = UserFactory(username="ann")
        user.set_password("x")
        user.save()

        def before(request: Any) -> None:
            request.META["HTTP_AUTHORIZATION"] = request.META.get("HTTP_X_JWT", "")

        view = make_view(
            permission_classes=[permissions.IsAuthenticated],
            authentication_classes=[BasicAuthentication],
        )
        settings.ROOT_URLCONF = get_patterns(view, lambda v: wrap(v, before))

        header = {"headers": {"X-JWT": "Basic YW5uOng="}}

        single = api.post("/things/", {"name": "a"}, **header)
        response = api.post("/things/bulk/", [{"name": "b"}], **header)

        assert single.status_code == 201
        assert get_statuses(response) == [201]

    def test_changes_the_answer(self, api: APIClient, settings: Any) -> None:
        def after(request: Any, response: Any) -> None:
            Event.objects.create(text=f"{request.method} {response.status_code}")
            if response.status_code == 201:
                response["Location"] = "/elsewhere/1/"
                response.status_code = 202

        settings.ROOT_URLCONF = get_patterns(
            make_view(), lambda v: wrap(v, after=after)
        )

        response = api.post("/things/bulk/", [{"name": "a"}, {"name": ""}])

        assert get_statuses(response) == [202, 400]
        assert [each.text for each in Event.objects.order_by("pk")] == [
            "POST 201", "POST 400",
        ]  # fmt: skip

    def test_arguments_of_as_view(self, api: APIClient, settings: Any) -> None:
        """`as_view(permission_classes=…)` of the single routes, not of ours."""
        settings.ROOT_URLCONF = get_patterns(
            make_view(), lambda v: v, permission_classes=[permissions.IsAdminUser]
        )

        refused = api.post("/things/bulk/", [{"name": "a"}])
        api.force_authenticate(UserFactory(is_staff=True))
        response = api.post("/things/bulk/", [{"name": "a"}])

        assert refused.status_code == 403
        assert get_statuses(response) == [201]


def test_data_of_initialize_request(api: APIClient, serve: Serve) -> None:
    """It finds the operation's own data, and what it adds is there."""
    seen = []

    def initialize_request(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        made = super(view, self).initialize_request(request, *args, **kwargs)
        seen.append((self.action, dict(made.data)))
        made.data.setdefault("name", "unnamed")
        return made

    view = make_view(initialize_request=initialize_request)
    serve(view)

    response = api.post("/things/bulk/", [{}, {"name": "a"}])

    assert get_statuses(response) == [201, 201]
    assert seen == [("create", {}), ("create", {"name": "a"})]
    assert get_names() == ["unnamed", "a"]
