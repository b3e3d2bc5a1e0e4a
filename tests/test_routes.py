from __future__ import annotations

from types import ModuleType

import pytest
from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter
from rest_framework.urlpatterns import format_suffix_patterns

from multistatus_app.routes import get_routes, get_routes_by_viewset
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop import models, serializers

pytestmark = pytest.mark.once


class EventViewSet(BulkModelViewSet):
    queryset = models.Event.objects.all()
    serializer_class = serializers.EventSerializer


class OtherViewSet(EventViewSet):
    http_method_names = ("patch", "delete")


BULK = EventViewSet.as_view({"post": "bulk"})
DETAIL = OtherViewSet.as_view(
    {"get": "retrieve", "put": "update", "patch": "partial_update"}
)


@pytest.fixture
def find(settings):
    """Return a function that gives the routes in a URLconf made of patterns."""

    def find(*patterns):
        urlconf = ModuleType("urlconf")
        urlconf.urlpatterns = list(patterns)
        settings.ROOT_URLCONF = urlconf
        return get_routes()

    return find


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (path("events/bulk/", BULK), "/events/bulk/"),
        (path("<int:shop>/<slug>/bulk/", BULK), "/{shop}/{slug}/bulk/"),
        (re_path(r"^a\.b\-c/bulk/?$", BULK), "/a.b-c/bulk/"),
        (re_path(r"^(?P<shop>[0-9]{2,3})/bulk$", BULK), "/{shop}/bulk"),
        (path("a/", include([path("b/", include([path("", BULK)]))])), "/a/b/"),
        (path("<str:format>/", BULK), "/{format}/"),
        (path("", BULK), "/"),
    ],
)
def test_path(find, pattern, expected):
    (route,) = find(pattern)

    assert route.path == expected


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("use_regex_path", [False, True])
def test_format_suffixes_are_left_out(find, slash, use_regex_path):
    router = SimpleRouter(trailing_slash=slash, use_regex_path=use_regex_path)
    router.register("events", EventViewSet)

    routes = find(*format_suffix_patterns(router.urls))

    assert [route.path for route in routes] == [
        f"/events{slash}",
        f"/events/batch{slash}",
        f"/events/bulk{slash}",
        f"/events/{{pk}}{slash}",
    ]


def test_facts(find):
    (route,) = find(path("<int:pk>/", DETAIL, name="other"))

    assert route.viewset is OtherViewSet
    assert route.name == "other"
    assert route.parameters == {"pk"}
    assert route.is_bulk is False
    # As DRF answers: PUT is mapped, but not among its `http_method_names`.
    assert route.methods == ("PATCH",)


def test_name_in_namespaces(find):
    inner = path("", include(([path("", BULK, name="event-bulk")], "in")))

    (route,) = find(path("", include((([inner]), "app"), namespace="out")))

    assert route.name == "out:in:event-bulk"


@pytest.mark.parametrize(
    ("pattern", "sample", "example"),
    [
        (path("bulk/", BULK), "1", "/bulk/"),
        (
            path("<uuid:a>/<uuid:b>/", BULK),
            "00000000-0000-4000-8000-000000000000",
            None,
        ),
        (re_path("^(?P<code>[A-Z]{2})/bulk/$", BULK), "AA", "/AA/bulk/"),
        (re_path("^(?P<code>[0-9]{9})/bulk/$", BULK), None, None),
    ],
)
def test_sample(find, pattern, sample, example):
    (route,) = find(pattern)

    assert route.get_sample() == sample
    if sample is not None:
        assert route.get_path(sample) == (example or f"/{sample}/{sample}/")


def test_takes(find):
    (route,) = find(path("a/", include([path("<int:pk>/", BULK)])))

    assert route.takes("/a/7/")
    assert not route.takes("/a/b/")
    assert not route.takes("/a/7/8/")


def test_each_viewset_once(find):
    first, second, third = find(
        path("b/", BULK), path("<int:pk>/", DETAIL), path("a/", BULK)
    )

    assert get_routes_by_viewset() == {
        EventViewSet: (first, third),
        OtherViewSet: (second,),
    }
