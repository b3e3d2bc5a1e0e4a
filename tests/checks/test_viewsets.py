"""The checks of what a viewset offers and names."""

from __future__ import annotations

import pytest
from django.core import checks as django_checks
from django.core.checks import Error, Warning
from django.urls import path
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.routers import DefaultRouter, Route, SimpleRouter

from multistatus_app.checks import TAG, check_viewsets
from multistatus_app.mixins import BulkModelMixin
from tests.checks.made import SINGLES, EventViewSet, route
from tests.shop import models

pytestmark = pytest.mark.once


def test_checks_are_registered(settings):
    settings.MULTISTATUS = {"MAX_DEPTH": 0}

    found = django_checks.run_checks(tags=[TAG])

    assert {each.id for each in found} == {"multistatus.E003", "multistatus.W001"}


def test_viewsets_of_the_tests():
    assert [(each.id, each.obj.__name__) for each in check_viewsets()] == [
        ("multistatus.W001", "ReadOnlyViewSet")
    ]


@pytest.mark.parametrize("router", [SimpleRouter, DefaultRouter])
def test_viewset_is_right(check, router):
    assert check(route(EventViewSet, router=router)) == []


@pytest.mark.parametrize("limit", [0, -3, True, False, 2.0, "10"])
def test_limit_is_impossible(check, limit):
    class Limited(EventViewSet):
        bulk_limit = limit

    assert check(route(Limited), route(Limited, "again", basename="again")) == [
        Error(
            f"The bulk_limit of test_limit_is_impossible.<locals>.Limited must be a "
            f"positive integer or None, got {limit!r}.",
            hint='None takes MULTISTATUS["MAX_OPERATIONS"].',
            obj=Limited,
            id="multistatus.E004",
        )
    ]


def test_limit_of_one_route_is_impossible(check):
    view = EventViewSet.as_view({"post": "bulk"}, bulk_limit=0)

    (message,) = check(path("events/bulk/", view, name="event-bulk"), SINGLES)

    assert message.id == "multistatus.E004"
    assert message.msg.endswith("must be a positive integer or None, got 0.")


def test_limit_is_a_property(check):
    class Dynamic(EventViewSet):
        @property
        def bulk_limit(self):
            return 10

    assert check(route(Dynamic)) == []


def test_nothing_is_offered(check):
    class Nothing(BulkModelMixin, viewsets.ReadOnlyModelViewSet):
        queryset = models.Event.objects.all()

    assert check(route(Nothing)) == [
        Warning(
            "test_nothing_is_offered.<locals>.Nothing has BulkModelMixin but offers "
            "nothing in bulk.",
            hint="A viewset offers in bulk what it offers singly: add "
            "CreateModelMixin, UpdateModelMixin or DestroyModelMixin, or take "
            "BulkModelMixin away.",
            obj=Nothing,
            id="multistatus.W001",
        )
    ]


def test_nothing_is_offered_because_of_http_method_names(check):
    class Getting(BulkModelMixin, mixins.CreateModelMixin, mixins.DestroyModelMixin):
        queryset = models.Event.objects.all()
        http_method_names = ("get",)

    assert [(each.id, each.hint) for each in check(route(Getting))] == [
        (
            "multistatus.W001",
            "It has actions for POST and DELETE, but its http_method_names leave "
            "these out.",
        )
    ]


def test_bulk_is_something_else(check):
    class Shadowing(EventViewSet):
        bulk = "in bulk"

    assert check(route(Shadowing)) == [
        Warning(
            "test_bulk_is_something_else.<locals>.Shadowing has no route bulk/ of "
            "BulkModelMixin, but a bulk of its own.",
            hint='Name the route otherwise, with bulk_url_path = "..." on the viewset. '
            "To have none, set bulk = None.",
            obj=Shadowing,
            id="multistatus.W002",
        )
    ]


def test_bulk_is_something_else_and_the_route_is_named_otherwise(check):
    class Shadowing(EventViewSet):
        bulk = "in bulk"
        bulk_url_path = "many"

    assert check(route(Shadowing)) == []


def test_batch_is_an_action_of_a_base(check):
    class Base(viewsets.GenericViewSet):
        @action(detail=False, methods=["post"])
        def batch(self, request):
            raise NotImplementedError

    class Shadowing(Base, EventViewSet):
        pass

    assert [each.id for each in check(route(Shadowing))] == ["multistatus.W002"]


def test_action_takes_the_path(check):
    class Importing(EventViewSet):
        @action(detail=False, methods=["post"], url_path="bulk")
        def import_all(self, request):
            raise NotImplementedError

        @action(detail=True, methods=["post"], url_path="batch")
        def import_one(self, request, pk):
            raise NotImplementedError

    assert check(route(Importing)) == [
        Warning(
            "test_action_takes_the_path.<locals>.Importing has no route bulk/ of "
            "BulkModelMixin: its action import_all has that path.",
            hint='Name the route otherwise, with bulk_url_path = "..." on the viewset, '
            "or give the action another url_path.",
            obj=Importing,
            id="multistatus.W002",
        )
    ]


def test_action_takes_the_path_that_the_route_is_given(check):
    class Importing(EventViewSet):
        batch_url_path = "import"

        @action(detail=False, methods=["post"], url_path="import")
        def import_all(self, request):
            raise NotImplementedError

    assert [(each.id, each.msg) for each in check(route(Importing))] == [
        (
            "multistatus.W002",
            "test_action_takes_the_path_that_the_route_is_given.<locals>.Importing has "
            "no route import/ of BulkModelMixin: its action import_all has that path.",
        )
    ]


def test_override_that_only_calls_ours(check):
    class Annotated(EventViewSet):
        def bulk(self, request, *args, **kwargs):
            return super().bulk(request, *args, **kwargs)

        @action(detail=False, methods=["post"])
        def batch(self, request):
            return super().batch(request)

    assert check(route(Annotated)) == []


def test_bulk_is_annotated(check):
    utils = pytest.importorskip("drf_spectacular.utils", reason="It annotates.")

    @utils.extend_schema_view(bulk=utils.extend_schema(tags=["many"]))
    class Annotated(EventViewSet):
        pass

    assert "bulk" in vars(Annotated)
    assert check(route(Annotated)) == []


def test_routes_are_taken_back(check):
    class Without(EventViewSet):
        bulk = None
        batch = None

    assert check(route(Without)) == []


def test_bulk_is_not_routed(check):
    class ListRouter(SimpleRouter):
        routes = (
            Route(
                url=r"^{prefix}/$",
                mapping={"get": "list", "post": "create"},
                name="{basename}-list",
                detail=False,
                initkwargs={},
            ),
        )

    assert check(route(EventViewSet, router=ListRouter)) == [
        Warning(
            "EventViewSet is routed, but none of its routes leads to bulk/ or batch/.",
            hint="Register it with one of DRF's routers, or route the actions "
            '"bulk" and "batch" as its other extra actions are.',
            obj=EventViewSet,
            id="multistatus.W003",
        )
    ]
