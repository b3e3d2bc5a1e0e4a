from __future__ import annotations

import gc
import weakref
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import include, path, re_path
from django.views.decorators.cache import never_cache
from rest_framework.decorators import action
from rest_framework.routers import DefaultRouter, SimpleRouter
from rest_framework.urlpatterns import format_suffix_patterns
from rest_framework.utils.breadcrumbs import get_breadcrumbs
from rest_framework_nested.routers import NestedSimpleRouter

from multistatus_app.handlers.routes import (
    explain_method,
    get_routes,
    get_routes_by_viewset,
    get_single_routes,
)
from multistatus_app.mixins import BulkModelMixin
from multistatus_app.overrides.decisions import decide
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

    assert get_routes_by_viewset(BulkModelMixin) == {
        EventViewSet: (first, third),
        OtherViewSet: (second,),
    }


# The single routes beside ours


def get_ours(routes, kind="bulk"):
    return next(each for each in routes if each.kind == kind)


@pytest.mark.parametrize("kind", ["bulk", "batch"])
def test_single_routes_of_a_router(find, kind):
    router = SimpleRouter()
    router.register("events", EventViewSet)
    routes = find(path("api/", include(router.urls)))

    single = get_single_routes(get_ours(routes, kind).callback)

    assert (single.list.path, single.detail.path) == (
        "/api/events/",
        "/api/events/{pk}/",
    )
    assert single.offered == ("POST", "PUT", "PATCH", "DELETE")
    assert single.is_stand_in is False


def test_single_routes_of_the_nearest_registration(find):
    first, second = SimpleRouter(), SimpleRouter()
    first.register("events", EventViewSet)
    second.register("events", EventViewSet)
    routes = find(
        path("v1/", include((first.urls, "v1"))),
        path("v2/", include((second.urls, "v2"))),
    )

    found = [
        get_single_routes(each.callback).detail.name
        for each in routes
        if each.kind == "bulk"
    ]

    assert found == ["v1:event-detail", "v2:event-detail"]


def test_single_routes_of_a_nested_router(find):
    parents = SimpleRouter()
    parents.register("shops", OtherViewSet, basename="shop")
    nested = NestedSimpleRouter(parents, "shops", lookup="shop")
    nested.register("events", EventViewSet)
    routes = find(path("", include(parents.urls)), path("", include(nested.urls)))
    ours = [each for each in routes if each.kind and each.viewset is EventViewSet]

    for each in ours:
        single = get_single_routes(each.callback)
        assert single.list.path == "/shops/{shop_pk}/events/"
        assert single.detail.path == "/shops/{shop_pk}/events/{pk}/"


def test_offered_is_what_is_mapped_and_allowed(find):
    """Of the viewset `OtherViewSet`, which takes PATCH and DELETE."""
    routes = find(
        path("<int:pk>/", DETAIL), path("bulk/", OtherViewSet.as_view({"put": "bulk"}))
    )

    ours = get_ours(routes)

    assert get_single_routes(ours.callback).offered == ("PATCH",)
    # PUT alone is mapped here.
    assert ours.methods == ()


@pytest.mark.parametrize(
    ("kind", "mapped", "methods"),
    [
        ("bulk", {"post": "bulk", "patch": "bulk"}, ("PATCH",)),
        ("batch", {"post": "batch"}, ("POST",)),
    ],
)
def test_methods_of_ours(find, kind, mapped, methods):
    routes = find(
        path("<int:pk>/", DETAIL), path("many/", OtherViewSet.as_view(mapped))
    )

    assert get_ours(routes, kind).methods == methods


def test_extra_actions_are_no_single_routes(find):
    class Importing(EventViewSet):
        @action(detail=False, methods=["post"])
        def load(self, request):
            raise NotImplementedError

    routes = find(
        path("load/", Importing.as_view({"post": "load"})),
        path("bulk/", Importing.as_view({"post": "bulk"})),
    )

    assert get_single_routes(get_ours(routes).callback).is_stand_in is True


def test_stand_ins(find):
    view = OtherViewSet.as_view({"patch": "bulk"}, bulk_limit=3)

    single = get_single_routes(view)

    assert single.is_stand_in is True
    assert single.offered == ("PATCH", "DELETE")
    assert single.list.actions == {"get": "list", "post": "create"}
    assert single.detail.callback.initkwargs == {"bulk_limit": 3, "detail": True}
    assert single.get("POST") is single.list
    assert single.get("DELETE") is single.detail


def test_only_views_of_the_urlconf_are_kept(find):
    """One that a request makes for itself is freed with it."""
    mapped = EventViewSet.as_view({"post": "bulk"})
    find(path("bulk/", mapped))

    assert get_single_routes(mapped) is get_single_routes(mapped)

    view = EventViewSet.as_view({"post": "bulk"})
    made = weakref.ref(view)
    get_single_routes(view)
    del view
    gc.collect()

    assert made() is None


@pytest.mark.parametrize(
    ("view", "reason"),
    [
        (DETAIL, None),
        (never_cache(DETAIL), "the view of /{pk}/ has something around it"),
        (
            OtherViewSet.as_view({"patch": "retrieve"}),
            "PATCH of /{pk}/ is mapped to retrieve",
        ),
    ],
)
def test_explain_method(find, view, reason):
    (route,) = find(path("<int:pk>/", view))
    decided = decide(route.viewset, "PATCH").reasons

    reasons = explain_method(route.viewset, "PATCH", [route])

    assert reasons == (*filter(None, [reason]), *decided)


# What leads to our view


@pytest.mark.parametrize(
    "mapping",
    [
        {"post": "bulk", "get": "list"},
        {"post": "batch", "put": "bulk"},
        {"delete": "destroy", "patch": "bulk"},
    ],
)
def test_ours_beside_others_in_one_route(mapping):
    with pytest.raises(ImproperlyConfigured) as raised:
        EventViewSet.as_view(mapping)

    assert str(raised.value) == (
        f"EventViewSet.as_view() got {mapping!r}: bulk and batch are routes of their "
        f"own, and take no other action beside them."
    )


def test_override_that_only_calls_ours_is_answered_by_our_view(find):
    class Annotated(EventViewSet):
        def bulk(self, request):
            return super().bulk(request)

        @action(detail=False, methods=["post"], url_path="ignored")
        def batch(self, request):
            return super().batch(request)

    router = SimpleRouter()
    router.register("events", Annotated)

    routes = find(path("", include(router.urls)))

    assert [(each.path, each.kind) for each in routes if each.kind] == [
        ("/events/batch/", "batch"),
        ("/events/bulk/", "bulk"),
    ]


def test_breadcrumbs(find):
    router = DefaultRouter()
    router.register("events", EventViewSet)
    find(path("api/", include(router.urls)))

    assert get_breadcrumbs("/api/events/bulk/") == [
        ("Api Root", "/api/"),
        ("Event List", "/api/events/"),
        ("Bulk", "/api/events/bulk/"),
    ]
    assert get_breadcrumbs("/api/events/batch/")[-1] == ("Batch", "/api/events/batch/")


def test_breadcrumbs_of_routes_by_hand(find):
    find(
        path("events/", EventViewSet.as_view({"get": "list"}, suffix="List")),
        path("events/many/", EventViewSet.as_view({"post": "bulk"}, bulk_limit=3)),
    )

    assert get_breadcrumbs("/events/many/") == [
        ("Event List", "/events/"),
        ("Bulk", "/events/many/"),
    ]


def test_name_and_description_of_the_view():
    view = EventViewSet.as_view({"post": "bulk"}).cls()

    assert view.get_view_name() == "Bulk"
    assert view.get_view_description() == (
        "One method for many: an array of representations, or of keys to delete."
    )


def test_name_that_the_route_is_given():
    named = {"name": "Import", "description": "From a file."}

    view = EventViewSet.as_view({"post": "batch"}, **named).cls()

    assert view.get_view_name() == "Import"
    assert view.get_view_description() == "From a file."
