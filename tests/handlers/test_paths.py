"""Keys that lead nowhere, or elsewhere: a 404, of which the viewset hears nothing."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.urls import include, path, re_path, register_converter
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter, SimpleRouter
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_error, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.handlers.viewsets import get_names, make_urlconf, make_view

pytestmark = pytest.mark.django_db

CALLED: list[Any] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    CALLED.clear()


class NotingViewSet(BulkModelViewSet):
    """Notes what it is called for."""

    lookup_field = "name"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Note it."""
        CALLED.append((request.method, request.path, kwargs))
        return super().dispatch(request, *args, **kwargs)

    @action(detail=False, methods=["delete", "patch"])
    def purge(self, request: Any) -> Response:
        """Do harm."""
        CALLED.append("purged")
        return Response()

    @action(detail=True, methods=["delete", "patch"])
    def activate(self, request: Any, name: str) -> Response:
        """Do something else."""
        CALLED.append("activated")
        return Response()


# Clients take the dots out of a path; the others are routes of their own.
NOWHERE = ["", ".", "..", "bulk", "batch", "purge", "a/b", "a/", "/a", "7/activate",
           "a.b", "\ud800", "../things", "a?b=c/"]  # fmt: skip
# RFC 3986 3.3: what stands in a segment as it is.
SEGMENT = "~!$&'()*+,;=:@"
METHODS = [("DELETE", {}), ("PATCH", {"data": {"name": "new"}})]


@pytest.mark.parametrize("key", NOWHERE)
@pytest.mark.parametrize(("method", "data"), METHODS)
def test_nowhere(
    api: APIClient, serve: Serve, key: str, method: str, data: Any
) -> None:
    serve(make_view(NotingViewSet))
    row = CategoryFactory(name="a")

    body = json.dumps(batch(op(method, key, **data), op("DELETE", "a")))
    response = api.post("/things/batch/", body, content_type="application/json")

    results = get_results(response)
    assert results[0] == {
        "index": 0,
        "method": method,
        "status": 404,
        "error": get_error(
            "not_found", f"No resource has the key {key!r}.", 404, "Not Found"
        ),
    }
    assert results[1]["status"] == 204
    assert [("DELETE", "/things/a/", {"name": row.name})] == CALLED


@pytest.mark.parametrize("key", ["ä b", 'q"', "it's", "100%", "a%2Fb", "?", "#", "a+b",
                                 "x" * 50, "日本", "<b>", "{}", "~"])  # fmt: skip
def test_somewhere(api: APIClient, serve: Serve, key: str) -> None:
    """What is quoted in a path comes to the view as it is."""
    serve(make_view(NotingViewSet))
    CategoryFactory(name=key)

    response = api.patch("/things/bulk/", [{"name": key, "parent": None}])

    (result,) = get_results(response)
    assert (result["status"], result["data"]["name"]) == (200, key)
    assert [("PATCH", f"/things/{key}/", {"name": key})] == CALLED
    assert result["href"] == f"/things/{quote(key, safe=SEGMENT)}/"
    assert api.get(result["href"]).json()["name"] == key


def test_a_very_long_key(api: APIClient, serve: Serve) -> None:
    serve(make_view(NotingViewSet))
    key = "x" * 100_000

    (result,) = get_results(api.delete("/things/bulk/", [key]))

    # Singly, too, it is asked for; no resource has it.
    assert (result["status"], "href" in result) == (404, False)
    assert len(result["error"]["detail"]) <= 1000


@pytest.mark.parametrize(
    ("regex", "keys"),
    [
        (".+", ["purge", "bulk", "batch"]),
        ("[^/]+", ["purge", "bulk", "batch", ".", "..", ""]),
        ("[0-9]+", ["a", "1a", "-1", "1.0", ""]),
        ("[a-z/]+", ["purge", "7"]),
    ],
)
def test_a_lookup_that_takes_more(
    api: APIClient, serve: Serve, regex: str, keys: list[str]
) -> None:
    """The route that would answer is another one's."""
    serve(make_view(NotingViewSet, lookup_value_regex=regex))

    response = api.delete("/things/bulk/", keys)

    assert get_statuses(response) == [404] * len(keys)
    assert not any("href" in each for each in get_results(response))
    assert CALLED == []


def test_the_path_of_an_action(api: APIClient, settings: Any) -> None:
    """Under a lookup that takes it, the action is called where it comes first."""
    view = make_view(NotingViewSet, lookup_value_regex=".+")
    detail = re_path("^things/(?P<name>.+)/$", view.as_view({"delete": "destroy"}))
    extra = re_path(
        "^things/(?P<name>.+)/activate/$", view.as_view({"delete": "activate"})
    )
    bulk = path("things/bulk/", view.as_view({"delete": "bulk"}))

    found = []
    for patterns in ([bulk, extra, detail], [bulk, detail, extra]):
        settings.ROOT_URLCONF = make_urlconf(*patterns)
        response = api.delete("/things/bulk/", ["7/activate"])
        found.append((get_statuses(response), [each[2] for each in CALLED]))

    # Singly, the second is a deletion of what has this key.
    assert found == [([404], []), ([404], [{"name": "7/activate"}])]


def test_a_lookup_with_slashes(api: APIClient, serve: Serve) -> None:
    serve(make_view(NotingViewSet, lookup_value_regex=".+"))
    CategoryFactory(name="a/b")

    (result,) = get_results(api.patch("/things/bulk/", [{"name": "a/b"}]))

    assert (result["status"], result["data"]["name"]) == (200, "a/b")
    assert CALLED == [("PATCH", "/things/a/b/", {"name": "a/b"})]
    assert api.get(result["href"]).json()["name"] == "a/b"


@pytest.mark.parametrize("key", ["7.json", "a.json", "a.api", "."])
def test_a_format_suffix_is_no_key(api: APIClient, serve: Serve, key: str) -> None:
    serve(make_view(NotingViewSet), DefaultRouter())
    CategoryFactory(name="7"), CategoryFactory(name="a")

    response = api.delete("/things/bulk/", [key, "a"])

    assert get_statuses(response) == [404, 204]
    assert CALLED == [("DELETE", "/things/a/", {"name": "a"})]


def test_a_path_that_leads_elsewhere(api: APIClient, settings: Any) -> None:
    """Another view stands before the viewset's own, for some keys."""

    def other(request: Any, **kwargs: Any) -> Any:
        raise AssertionError("Nobody asked for it.")

    router = SimpleRouter()
    router.register("things", make_view(NotingViewSet), basename="thing")
    settings.ROOT_URLCONF = make_urlconf(
        path("things/special/", other), path("", include(router.urls))
    )
    CategoryFactory(name="special")

    response = api.delete("/things/bulk/", ["special"])

    assert get_statuses(response) == [404]
    assert "href" not in get_results(response)[0]
    assert CALLED == []
    assert get_names() == ["special"]


def test_more_parameters_than_the_key(api: APIClient, settings: Any) -> None:
    """A path with the key may match a longer pattern of the same view."""
    view = make_view(NotingViewSet)
    detail = view.as_view({"delete": "destroy"})
    settings.ROOT_URLCONF = make_urlconf(
        path("things/bulk/", view.as_view({"delete": "bulk"})),
        re_path("^things/(?P<name>[^/]+)/$", detail),
        re_path("^things/(?P<name>[^/]+)/(?P<mode>[a-z]+)/$", detail),
    )
    CategoryFactory(name="a")

    response = api.delete("/things/bulk/", ["a/all", "a"])

    assert get_statuses(response) == [404, 204]
    assert CALLED == [("DELETE", "/things/a/", {"name": "a"})]


def test_a_composite_key(api: APIClient, serve: Serve) -> None:
    """No path has it: a create has no href."""

    class Seat:
        name = (5, 1)

    def create(self: Any, request: Any, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.instance = Seat()
        return Response({"name": [5, 1]}, status=201)

    serve(make_view(NotingViewSet, create=create))

    (result,) = get_results(api.post("/things/bulk/", [{"name": "a"}]))

    assert (result["status"], "href" in result) == (201, False)


class FourDigitYearConverter:
    """Django's own example, which makes no path of a text."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        """Make a number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Fill it up."""
        return "%04d" % value  # noqa: UP031 (as it stands there)


def test_a_converter_that_takes_no_text(api: APIClient, settings: Any) -> None:
    register_converter(FourDigitYearConverter, "four_digits")
    view = make_view()
    settings.ROOT_URLCONF = make_urlconf(
        path("things/batch/", view.as_view({"post": "batch"})),
        path(
            "things/<four_digits:pk>/",
            view.as_view({"patch": "partial_update"}),
            name="thing-detail",
        ),
    )
    CategoryFactory(pk=2003)

    response = api.post(
        "/things/batch/",
        batch(*(op("PATCH", key, {"name": "new"}) for key in (2003, 2004, 1))),
    )

    assert get_statuses(response) == [200, 404, 404]
    hrefs = [each.get("href") for each in get_results(response)]
    assert hrefs == ["/things/2003/", None, None]


def test_numbers_that_another_view_takes_for_years(
    api: APIClient, settings: Any
) -> None:
    """A row that is made under such a number has no path of its own."""
    router = SimpleRouter()
    create = {"perform_create": lambda self, serializer: serializer.save(
        pk=int(serializer.validated_data["name"])
    )}  # fmt: skip
    router.register("things", make_view(**create), basename="thing")
    settings.ROOT_URLCONF = make_urlconf(
        re_path("^things/[0-9]{4}/$", lambda request: HttpResponse("The archive.")),
        *router.urls,
    )
    keys = [*range(1, 9), 2024, 2025, 12345]

    response = api.post("/things/bulk/", [{"name": str(key)} for key in keys])

    assert get_statuses(response) == [201] * len(keys)
    assert [each.get("href") for each in get_results(response)] == [
        None if 1000 <= key <= 9999 else f"/things/{key}/" for key in keys
    ]
