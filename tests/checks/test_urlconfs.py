"""URLconfs that the checks pass over or report."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from django.urls import include, path, re_path
from rest_framework.decorators import api_view

from multistatus_app.checks import check_viewsets
from tests.checks.made import EventViewSet, catch, route

pytestmark = pytest.mark.once


@api_view(["GET"])
def function(request):
    raise NotImplementedError


class Callable:
    cls = "no class"

    def __call__(self, request):
        raise NotImplementedError


@pytest.mark.parametrize(
    "pattern",
    [
        path("x/", function),
        path("x/", Callable()),
        path("x/", catch, name="x"),
        path("x/", include([])),
        ("^x/$", "not a pattern"),
        None,
        re_path(r"^x/(unnamed)/(?:a|b)?$", catch),
    ],
)
def test_odd_patterns_are_passed_over(check, pattern):
    class Broken(EventViewSet):
        bulk_limit = 0

    assert [each.id for each in check(route(Broken), pattern)] == ["multistatus.E004"]


def test_bad_regular_expression(check):
    class Broken(EventViewSet):
        bulk_limit = 0

    messages = check(re_path("(", catch), route(Broken))

    assert [each.id for each in messages] == ["multistatus.E004"]


def test_view_without_actions(check):
    def view(request):
        raise NotImplementedError

    view.cls = EventViewSet

    assert check(path("x/", view)) == []


def test_urlconf_includes_itself(settings, monkeypatch):
    class Broken(EventViewSet):
        bulk_limit = 0

    urlconf = ModuleType("urlconf_that_includes_itself")
    monkeypatch.setitem(sys.modules, urlconf.__name__, urlconf)
    urlconf.urlpatterns = []
    urlconf.urlpatterns += [path("", include(urlconf.__name__)), route(Broken)]
    settings.ROOT_URLCONF = urlconf.__name__

    assert [each.id for each in check_viewsets()] == ["multistatus.E004"]


@pytest.mark.parametrize("name", ["no.such.module", "tests.shop.models", None, ""])
def test_urlconf_cannot_be_loaded(settings, name):
    settings.ROOT_URLCONF = name

    assert check_viewsets() == []


def test_no_urlconf(settings):
    del settings.ROOT_URLCONF

    assert check_viewsets() == []
