from __future__ import annotations

import json
from io import StringIO
from types import ModuleType

import pytest
from django.core.management import call_command
from django.db.models.signals import post_save
from django.urls import include, path, set_script_prefix
from django.views.decorators.cache import never_cache
from rest_framework import viewsets
from rest_framework.routers import DefaultRouter, SimpleRouter

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop import models, serializers, views

pytestmark = pytest.mark.once


class EventViewSet(BulkModelViewSet):
    queryset = models.Event.objects.all()
    serializer_class = serializers.EventSerializer


class ReadOnlyViewSet(BulkModelMixin, viewsets.ReadOnlyModelViewSet):
    queryset = models.Event.objects.all()


@pytest.fixture
def run(settings, monkeypatch):
    """Return a function that runs the command for a URLconf, in a terminal so wide."""

    def run(*arguments, patterns=None, columns=80):
        monkeypatch.setenv("COLUMNS", str(columns))
        if patterns is not None:
            urlconf = ModuleType("shop_urls")
            urlconf.urlpatterns = patterns
            settings.ROOT_URLCONF = urlconf
        out = StringIO()
        call_command("bulk_endpoints", *arguments, stdout=out)
        return out.getvalue()

    return run


def route(viewset, *, router=SimpleRouter, **kwargs):
    made = router()
    made.register("events", viewset, **kwargs)
    return made.urls


EVENTS = f"""\
{__name__}.EventViewSet

  ROUTE           LIMIT  METHODS
  --------------  -----  ---------------------
  /events/batch/  1000   POST
  /events/bulk/   1000   POST PUT PATCH DELETE

  METHOD  DEPTH   REASON
  ------  ------  ------
  POST    2 sets
  PUT     2 sets
  PATCH   2 sets
  DELETE  2 sets
"""


@pytest.mark.parametrize("router", [SimpleRouter, DefaultRouter])
def test_table(run, router):
    assert run(patterns=route(EventViewSet, router=router)) == EVENTS


def test_table_of_nothing_offered(run):
    patterns = [*route(EventViewSet), *route(ReadOnlyViewSet, basename="read")]

    assert run(patterns=patterns) == (
        f"{EVENTS}\n{__name__}.ReadOnlyViewSet\n  offers nothing in bulk\n"
    )


def test_table_of_nothing_routed(run):
    patterns = [path("events/", EventViewSet.as_view({"get": "list"}))]

    assert run(patterns=patterns).splitlines()[2:5] == [
        "  ROUTE       LIMIT  METHODS",
        "  ----------  -----  -------",
        "  not routed",
    ]


def test_table_with_reasons(run):
    class HookedViewSet(EventViewSet):
        bulk_limit = 50

        def create(self, request, *args, **kwargs):
            return super().create(request, *args, **kwargs)

        def perform_destroy(self, instance):
            instance.delete()

    def index(**kwargs):
        raise NotImplementedError

    post_save.connect(index, sender=models.Event)
    try:
        text = run(patterns=route(HookedViewSet), columns=60)
    finally:
        post_save.disconnect(index, sender=models.Event)

    name = "test_table_with_reasons.<locals>.HookedViewSet"
    assert text.splitlines()[4:6] == [
        "  /events/batch/  50     POST",
        "  /events/bulk/   50     POST PUT PATCH DELETE",
    ]
    assert max(map(len, text.splitlines()[1:])) <= 60
    table = [line[:20].rstrip() for line in text.splitlines()[9:]]
    reasons = "".join(line[20:] for line in text.splitlines()[9:])
    assert [cells for cells in table if cells] == [
        "  POST    1 singly",
        "  PUT     1 singly",
        "  PATCH   1 singly",
        "  DELETE  1 singly",
    ]
    assert "post_save is received by" in reasons
    assert f"{__name__}.{name}" in reasons


def test_table_in_a_narrow_terminal(run):
    class LockingViewSet(EventViewSet):
        bulk_lock = "wait"
        get_object = EventViewSet.list

    lines = run(patterns=route(LockingViewSet), columns=1).splitlines()

    assert lines[11:13] == [
        "  PUT     1 singly  get_object is",
        "                    overridden by tests.",
    ]


def test_table_when_nothing_is_found(run):
    class PlainViewSet(viewsets.ModelViewSet):
        queryset = models.Event.objects.all()

    assert run(patterns=route(PlainViewSet)).endswith(
        " leads to no viewset with BulkModelMixin. Let a viewset subclass "
        "multistatus_app.viewsets.BulkModelViewSet and register it with a router.\n"
    )


def test_no_urlconf(run, settings):
    del settings.ROOT_URLCONF

    assert run().startswith("The URLconf None leads to no viewset")


def test_json(run):
    patterns = [
        path("v1/", include((route(views.EventViewSet), "v1"))),
        path("<int:shop>/", include(route(views.EventViewSet, basename="x"))),
    ]

    assert json.loads(run("--json", patterns=patterns)) == {
        "viewsets": [
            {
                "viewset": "tests.shop.views.EventViewSet",
                "routes": [
                    {
                        "path": f"/{prefix}/events/{name}/",
                        "name": f"{basename}-{name}",
                        "methods": ["POST"],
                        "limit": 3,
                    }
                    for prefix, basename in (("v1", "v1:event"), ("{shop}", "x"))
                    for name in ("batch", "bulk")
                ],
                "methods": [
                    {
                        "method": "POST",
                        "depth": 2,
                        "depth_name": "sets",
                        "reasons": [],
                    }
                ],
            }
        ]
    }


def test_json_when_nothing_is_found(run):
    assert json.loads(run("--json", patterns=[])) == {"viewsets": []}


def get_routes(text):
    (viewset,) = json.loads(text)["viewsets"]
    return [(each["path"], each["name"], each["limit"]) for each in viewset["routes"]]


def test_json_of_nested_routes(run):
    (nested,) = (
        each
        for each in json.loads(run("--json"))["viewsets"]
        if each["viewset"] == "tests.shop.views.NestedProductViewSet"
    )

    assert [(each["path"], each["name"]) for each in nested["routes"]] == [
        (
            f"/nested/categories/{{category_pk}}/products/{name}/",
            f"nested-product-{name}",
        )
        for name in ("batch", "bulk")
    ]


def test_json_of_routes_by_path_converters(run):
    (product,) = (
        each
        for each in json.loads(run("--json"))["viewsets"]
        if each["viewset"] == "tests.shop.views.ProductViewSet"
    )

    assert [each["path"] for each in product["routes"]] == [
        "/api/products/batch/",
        "/api/products/bulk/",
        "/v2/products/batch",
        "/v2/products/bulk",
    ]


def test_limit_of_a_route(run):
    patterns = [
        path("few/", EventViewSet.as_view({"post": "bulk"}, bulk_limit=2)),
        path("many/", EventViewSet.as_view({"post": "bulk"})),
    ]

    assert get_routes(run("--json", patterns=patterns)) == [
        ("/few/", None, 2),
        ("/many/", None, 1000),
    ]


def test_limit_of_the_settings(run, settings):
    settings.MULTISTATUS = {"MAX_OPERATIONS": 7}

    assert get_routes(run("--json", patterns=route(EventViewSet)))[0][2] == 7


def test_limit_is_a_property(run):
    class DynamicViewSet(EventViewSet):
        @property
        def bulk_limit(self):
            raise NotImplementedError

    patterns = route(DynamicViewSet)

    assert get_routes(run("--json", patterns=patterns))[0][2] is None
    assert run(patterns=patterns).splitlines()[4:6] == [
        "  /events/batch/  dynamic  POST",
        "  /events/bulk/   dynamic  POST PUT PATCH DELETE",
    ]


def test_script_prefix(run):
    set_script_prefix("/below/")
    try:
        text = run("--json", patterns=route(EventViewSet))
    finally:
        set_script_prefix("/")

    assert get_routes(text)[0][0] == "/below/events/batch/"


def test_methods_are_those_of_the_viewset(run):
    class PatchingViewSet(EventViewSet):
        http_method_names = ("get", "patch", "post")

    (viewset,) = json.loads(run("--json", patterns=route(PatchingViewSet)))["viewsets"]

    assert [each["methods"] for each in viewset["routes"]] == [
        ["POST"],
        ["POST", "PATCH"],
    ]
    assert [each["method"] for each in viewset["methods"]] == ["POST", "PATCH"]


def test_methods_are_those_of_the_single_routes(run):
    class ArchivingViewSet(EventViewSet):
        def archive(self, request, pk):
            raise NotImplementedError

    detail = ArchivingViewSet.as_view({"put": "update", "delete": "archive"})
    patterns = [
        path("events/<int:pk>/", detail, name="event-detail"),
        path("events/bulk/", ArchivingViewSet.as_view({"put": "bulk", "post": "bulk"})),
        path("events/batch/", ArchivingViewSet.as_view({"post": "batch"})),
    ]

    (viewset,) = json.loads(run("--json", patterns=patterns))["viewsets"]

    assert [each["methods"] for each in viewset["routes"]] == [["PUT"], ["POST"]]
    assert [(each["method"], each["depth_name"]) for each in viewset["methods"]] == [
        ("PUT", "sets"),
        ("DELETE", "singly"),
    ]
    assert viewset["methods"][1]["reasons"] == [
        "DELETE of /events/{pk}/ is mapped to archive"
    ]


def test_something_stands_around_the_single_route(run):
    detail = never_cache(EventViewSet.as_view({"put": "update"}))
    patterns = [
        path("events/<int:pk>/", detail, name="event-detail"),
        path("events/bulk/", EventViewSet.as_view({"put": "bulk"})),
    ]

    (viewset,) = json.loads(run("--json", patterns=patterns))["viewsets"]

    assert viewset["methods"] == [
        {
            "method": "PUT",
            "depth": 1,
            "depth_name": "singly",
            "reasons": ["the view of /events/{pk}/ has something around it"],
        }
    ]


def test_only_our_routes_are_mapped(run):
    patterns = [path("events/bulk/", EventViewSet.as_view({"put": "bulk"}))]

    (viewset,) = json.loads(run("--json", patterns=patterns))["viewsets"]

    assert viewset["routes"][0]["methods"] == ["PUT"]
    assert {each["depth_name"] for each in viewset["methods"]} == {"sets"}


def test_routes_that_are_named_otherwise(run):
    class NamedViewSet(EventViewSet):
        bulk_url_path = "many"

    assert run(patterns=route(NamedViewSet)).splitlines()[4:6] == [
        "  /events/batch/  1000   POST",
        "  /events/many/   1000   POST PUT PATCH DELETE",
    ]
