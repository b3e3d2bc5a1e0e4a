"""What one operation does to its request, its user and its data is its own affair."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages, info
from django.utils import timezone, translation
from rest_framework.test import APIClient

from tests.answers import get_results, get_statuses
from tests.conftest import Serve
from tests.factories import UserFactory
from tests.handlers.viewsets import run, serve_hook

pytestmark = pytest.mark.django_db

SEEN: list[Any] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


class TenantMiddleware:
    """Hangs things on the HttpRequest, as projects do."""

    def __init__(self, get_response: Any) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Hang them on."""
        request.limits = {"left": 3, "used": [1]}
        request.roles = ["reader"]
        request.flags = {"new"}
        request.tenant = Tenant()
        request.number = 7
        response = self.get_response(request)
        SEEN.append((request.limits, request.roles, request.flags, request.number))
        return response


class Tenant:
    """An object that all share."""

    visits = 0


@pytest.fixture
def middleware(settings: Any) -> None:
    """Install it."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.TenantMiddleware"]


@pytest.mark.usefixtures("middleware")
def test_what_middleware_hung_on_the_request(api: APIClient, serve: Serve) -> None:
    """Containers are copies; any other object is the one that middleware left."""
    tenants = []

    def hook(view: Any) -> None:
        http = view.request._request
        SEEN.append((dict(http.limits), list(http.limits["used"]), list(http.roles),
                     set(http.flags), http.number))  # fmt: skip
        http.limits["left"] -= 1
        http.limits["used"].append(2)
        http.roles.append("writer")
        http.flags.add("old")
        http.number += 1
        http.tenant.visits += 1
        tenants.append(http.tenant)

    serve_hook(serve, hook)

    run(api)

    first = ({"left": 3, "used": [1, 2]}, [1], ["reader"], {"new"}, 7)
    assert [each[1:] for each in SEEN[:3]] == [first[1:]] * 3
    assert SEEN[3] == ({"left": 3, "used": [1]}, ["reader"], {"new"}, 7)
    assert len(set(tenants)) == 1
    assert tenants[0].visits == 3


def change_query(request: Any) -> Any:
    before = dict(request.query_params)
    request.query_params._mutable = True
    request.query_params["tree"] = "oak"
    request.query_params.appendlist("color", "blue")
    return before


def change_meta(request: Any) -> Any:
    before = request.META.get("HTTP_X_MARK")
    request.META["HTTP_X_MARK"] = "x"
    request._request.environ["mark"] = "x"
    return (before, request.headers.get("X-Mark"), "mark" in request.META)


def change_cookies(request: Any) -> Any:
    request.COOKIES["n"] = str(int(request.COOKIES.get("n", "0")) + 1)
    return request.COOKIES["n"]


def change_get(request: Any) -> Any:
    before = request._request.GET.dict()
    request._request.GET = request._request.GET.copy()
    request._request.GET["page"] = "1"
    return before


def change_data(request: Any) -> Any:
    before = sorted(request.data)
    request.data["x"] = 1
    return [each for each in before if each == "x"]


def set_attributes(request: Any) -> Any:
    before = (hasattr(request, "mark"), hasattr(request._request, "mark"))
    request.mark = request._request.mark = True
    return before


@pytest.mark.parametrize(
    "change",
    [
        change_query,
        change_meta,
        change_cookies,
        change_get,
        change_data,
        set_attributes,
    ],
)
def test_what_an_operation_changes(api: APIClient, serve: Serve, change: Any) -> None:
    serve_hook(serve, lambda view: SEEN.append(change(view.request)))
    api.cookies["n"] = "5"

    run(api)

    assert [SEEN[0]] * 3 == SEEN


def test_session_and_messages_are_those_of_the_request(
    api: APIClient, serve: Serve
) -> None:
    sessions = []

    def hook(view: Any) -> None:
        http = view.request._request
        http.session["count"] = http.session.get("count", 0) + 1
        info(http, f"message {http.session['count']}")
        sessions.append(http.session)
        SEEN.append([str(each) for each in get_messages(http)])

    serve_hook(serve, hook)
    api.force_login(UserFactory())

    run(api)

    assert len({id(each) for each in sessions}) == 1
    assert api.session["count"] == 3
    assert SEEN[-1][-1] == "message 3"


User: Any = get_user_model()


class TestLocale:
    """A language or a time zone that one operation activates is not the next one's."""

    @pytest.fixture(autouse=True)
    def _restore(self) -> Any:
        with translation.override("en"), timezone.override("UTC"):
            yield

    def test_language(self, api: APIClient, serve: Serve) -> None:
        serve_hook(serve, lambda view: translation.activate("de"))

        response = api.post("/things/bulk/", [{"name": "a"}, {"name": ""}])

        [problem] = get_results(response)[1]["error"]["errors"]
        assert problem["detail"] == "This field may not be blank."
        assert translation.get_language() == "en"

    def test_no_language(self, api: APIClient, serve: Serve) -> None:
        translation.deactivate_all()
        serve_hook(serve, lambda view: translation.activate("de"))

        assert get_statuses(api.post("/things/bulk/", [{"name": "a"}])) == [201]
        assert translation.get_language() is None

    def test_time_zone(self, api: APIClient, serve: Serve) -> None:
        seen = []

        def hook(view: Any) -> None:
            seen.append(timezone.get_current_timezone_name())
            timezone.activate("Asia/Tokyo")

        serve_hook(serve, hook)

        api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])

        assert seen == ["UTC", "UTC"]
