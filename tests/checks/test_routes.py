"""The checks of routes: swallowed, doubled, not found."""

from __future__ import annotations

import pytest
from django.core.checks import Warning
from django.urls import include, path, re_path, set_script_prefix
from rest_framework.routers import SimpleRouter

from multistatus_app.mixins import BulkModelMixin
from tests.checks.made import EventViewSet, ReadViewSet, catch, route
from tests.shop import models

pytestmark = pytest.mark.once


def get_swallowed(messages):
    return [each.msg for each in messages if each.id == "multistatus.W004"]


def test_another_viewset_swallows_the_routes(check):
    class Keyed(ReadViewSet):
        pass

    messages = check(route(Keyed, basename="old"), route(EventViewSet))

    name = f"{__name__}.test_another_viewset_swallows_the_routes.<locals>.Keyed"
    assert messages == [
        Warning(
            f"/events/{each}/ is not answered by EventViewSet: an earlier URL pattern "
            f"leads to {name}.",
            hint="Put the earlier pattern after it, or let it match less.",
            obj=EventViewSet,
            id="multistatus.W004",
        )
        for each in ("batch", "bulk")
    ]


@pytest.mark.parametrize("pattern", [r"^.*$", r"^shops/\w+/events/\w+/$"])
def test_another_view_swallows_nested_routes(check, pattern):
    shops = path("shops/<uuid:shop>/", include([route(EventViewSet)]))

    if pattern == "^.*$":
        assert len(get_swallowed(check(re_path(pattern, catch), shops))) == 2
    else:
        # It matches less: a UUID has hyphens.
        assert get_swallowed(check(re_path(pattern, catch), shops)) == []
    assert get_swallowed(check(shops, re_path(pattern, catch))) == []


def test_its_own_detail_swallows_the_routes(check):
    """As where somebody routes by hand, the detail first."""
    detail = EventViewSet.as_view({"get": "retrieve", "delete": "destroy"})
    bulk = EventViewSet.as_view({"post": "bulk"})

    messages = check(
        path("events/<str:pk>/", detail, name="event-detail"),
        path("events/bulk/", bulk, name="event-bulk"),
    )

    assert get_swallowed(messages) == [
        f"/events/bulk/ is not answered by EventViewSet: an earlier URL pattern leads "
        f"to {EventViewSet.__module__}.EventViewSet."
    ]


def test_the_same_routes_stand_twice(check):
    assert check(route(EventViewSet), route(EventViewSet)) == []


def test_path_that_no_sample_fits(check):
    shops = re_path("^(?P<shop>[0-9]{9})/", include([route(EventViewSet)]))

    assert check(re_path("^.*$", catch), shops) == []


@pytest.mark.parametrize("name", [None, "bulk-events", "event"])
def test_names_do_not_matter_beside_each_other(check, name):
    detail = EventViewSet.as_view({"delete": "destroy"})
    bulk = EventViewSet.as_view({"post": "bulk"})

    messages = check(
        path("events/bulk/", bulk, name=name),
        path("events/<int:pk>/", detail),
    )

    assert messages == []


def test_name_leads_to_something_else(check):
    """A path is only taken if it resolves to the single route."""
    messages = check(
        path("v2/", include([route(EventViewSet)])),
        path("v1/", include([route(ReadViewSet)])),
    )

    assert messages == []


@pytest.mark.parametrize("name", [None, "row"])
def test_single_route_is_not_found_from_ours(check, name):
    messages = check(
        path("rows/", EventViewSet.as_view({"post": "create"})),
        path("row/<int:pk>/", EventViewSet.as_view({"delete": "destroy"}), name=name),
        path("many-rows/", EventViewSet.as_view({"post": "batch"})),
    )

    lost = ["/rows/", "/row/{pk}/"] if name is None else ["/rows/"]
    assert messages == [
        Warning(
            f"The operations of /many-rows/ do not find their way to {single}: they "
            f"are 404.",
            hint=f"Name the URL pattern of {single}, or put it beside /many-rows/.",
            obj=EventViewSet,
            id="multistatus.W008",
        )
        for single in lost
    ]


def test_only_our_routes_are_mapped(check):
    messages = check(
        path("events/bulk/", EventViewSet.as_view({"post": "bulk"})),
        path("events/batch/", EventViewSet.as_view({"post": "batch"})),
    )

    assert messages == [
        Warning(
            "No URL beside /events/bulk/ and /events/batch/ leads to the single routes "
            "of EventViewSet: its actions stand in, as DRF's routers map them, and "
            "results have no href.",
            hint="Map the single routes, too.",
            obj=EventViewSet,
            id="multistatus.W007",
        )
    ]


def test_detail_is_elsewhere(check):
    """Shallow nesting: below its shop in bulk, at the top by itself."""
    bulk = EventViewSet.as_view({"post": "bulk"})
    detail = EventViewSet.as_view({"delete": "destroy"})

    messages = check(
        path("shops/<int:shop>/events/bulk/", bulk, name="shop-events-bulk"),
        path("events/<int:pk>/", detail, name="event-detail"),
    )

    assert [each.id for each in messages] == ["multistatus.W007"]


def test_single_routes_offer_nothing(check):
    messages = check(
        path("events/", EventViewSet.as_view({"get": "list"}), name="event-list"),
        path("events/bulk/", EventViewSet.as_view({"post": "bulk"})),
    )

    assert messages == [
        Warning(
            "EventViewSet has BulkModelMixin but offers nothing in bulk.",
            hint="Its single routes map no method that writes: map one, or take it "
            "away.",
            obj=EventViewSet,
            id="multistatus.W001",
        )
    ]


def test_single_routes_map_actions_of_their_own(check):
    class Archiving(BulkModelMixin):
        queryset = models.Event.objects.all()

        def archive(self, request, pk):
            raise NotImplementedError

    messages = check(
        path("events/<int:pk>/", Archiving.as_view({"delete": "archive"})),
        path("events/bulk/", Archiving.as_view({"delete": "bulk"})),
    )

    assert messages == []


def test_names_in_namespaces(check):
    assert (
        check(
            path("v2/", include(([route(EventViewSet)], "v2"))),
            path("v1/", include(([route(ReadViewSet)], "v1"))),
        )
        == []
    )


def test_names_are_told_apart_by_parameters(check):
    assert (
        check(
            route(EventViewSet),
            path("<int:shop>/", include([route(EventViewSet)])),
        )
        == []
    )


def test_trailing_slash_is_optional(check):
    class OptionalSlashRouter(SimpleRouter):
        def __init__(self):
            super().__init__()
            self.trailing_slash = "/?"

    assert check(route(EventViewSet, router=OptionalSlashRouter)) == []


def test_script_prefix(check, settings):
    set_script_prefix("/below/")
    try:
        assert check(route(EventViewSet)) == []
    finally:
        set_script_prefix("/")
