from __future__ import annotations

import sys
from collections import OrderedDict
from types import MappingProxyType, ModuleType, SimpleNamespace

import pytest
from django.core import checks as django_checks
from django.core.checks import Error, Warning
from django.db import connections as django_connections
from django.db.utils import ConnectionRouter
from django.urls import include, path, re_path, set_script_prefix
from rest_framework import mixins, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.routers import DefaultRouter, Route, SimpleRouter

from multistatus_app.checks import TAG, check_settings, check_viewsets, databases
from multistatus_app.mixins import BulkModelMixin
from multistatus_app.routers import PinnedRouter
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop import models, serializers

pytestmark = pytest.mark.once


class EventViewSet(BulkModelViewSet):
    queryset = models.Event.objects.all()
    serializer_class = serializers.EventSerializer


@pytest.fixture
def check(settings):
    """Return a function that checks a URLconf made of patterns."""

    def run(*patterns):
        urlconf = ModuleType("urlconf")
        urlconf.urlpatterns = list(patterns)
        settings.ROOT_URLCONF = urlconf
        return check_viewsets()

    return run


SINGLES = path("events/", EventViewSet.as_view({"post": "create"}), name="event-list")


def route(viewset, prefix="events", *, router=SimpleRouter, **kwargs):
    """Return a pattern that leads to what a router makes."""
    made = router()
    made.register(prefix, viewset, **kwargs)
    return path("", include(made.urls))


# Settings


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"MAX_OPERATIONS": 1, "MAX_DEPTH": 1},
        OrderedDict(MAX_DEPTH=8),
        MappingProxyType({"MAX_OPERATIONS": 5}),
    ],
)
def test_settings_are_right(settings, value):
    settings.MULTISTATUS = value

    assert check_settings() == []


def test_settings_are_left_out(settings):
    assert not hasattr(settings, "MULTISTATUS")

    assert check_settings() == []


KNOWN = "Known keys are MAX_OPERATIONS, MAX_DEPTH, MIN_SET_SIZE and QUIET_RECEIVERS"


@pytest.mark.parametrize(
    ("value", "name"), [(None, "NoneType"), ([], "list"), (1000, "int")]
)
def test_settings_are_no_dict(settings, value, name):
    settings.MULTISTATUS = value

    assert check_settings() == [
        Error(
            f"The setting MULTISTATUS must be a dict, got {name}.",
            hint=f"{KNOWN}; leave the setting out for the defaults.",
            id="multistatus.E001",
        )
    ]


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("MAX_OPERATION", f'Did you mean "MAX_OPERATIONS"? {KNOWN}.'),
        ("max_depth", f'Did you mean "MAX_DEPTH"? {KNOWN}.'),
        ("PAGE", f"{KNOWN}."),
        (7, f"{KNOWN}."),
    ],
)
def test_settings_have_an_unknown_key(settings, key, hint):
    settings.MULTISTATUS = {key: 1, "MAX_DEPTH": 5}

    assert check_settings() == [
        Error(
            f"MULTISTATUS has the key {key!r}, which is not known.",
            hint=hint,
            id="multistatus.E002",
        )
    ]


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "1000", None, [1]])
@pytest.mark.parametrize(
    ("key", "default"), [("MAX_OPERATIONS", 1000), ("MAX_DEPTH", 64)]
)
def test_settings_have_an_impossible_value(settings, key, default, value):
    settings.MULTISTATUS = {key: value}

    assert check_settings() == [
        Error(
            f'MULTISTATUS["{key}"] must be a positive integer, got {value!r}.',
            hint=f"The default is {default}.",
            id="multistatus.E003",
        )
    ]


def test_settings_have_several_faults(settings):
    settings.MULTISTATUS = {"MAX_DEPTH": 0, "DEPTH": 3, "MAX_OPERATIONS": "x"}

    assert [each.id for each in check_settings()] == [
        "multistatus.E003",
        "multistatus.E002",
        "multistatus.E003",
    ]


def test_setting_is_flat(settings):
    settings.MULTISTATUS_MAX_OPERATIONS = 5000

    assert check_settings() == [
        Warning(
            "The setting MULTISTATUS_MAX_OPERATIONS is not read.",
            hint='Write MULTISTATUS = {"MAX_OPERATIONS": ...}.',
            id="multistatus.W006",
        )
    ]


# Viewsets


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


# Routes


def catch(request, **kwargs):
    raise NotImplementedError


class ReadViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = models.Event.objects.all()


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
        f"to {__name__}.EventViewSet."
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


# URLconfs that are odd


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


# Options


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bulk_lock", None),
        ("bulk_lock", "wait"),
        ("bulk_lock", "nowait"),
        ("bulk_commit_every", None),
        ("bulk_commit_every", 1),
        ("bulk_retries", 0),
        ("bulk_retries", 3),
        ("bulk_replayable", True),
        ("bulk_url_path", "many"),
        ("batch_url_path", "changes/all"),
        ("bulk_replayable", property(lambda self: "chosen by request")),
    ],
)
def test_option_is_possible(check, name, value):
    viewset = type("Optional", (EventViewSet,), {name: value})

    assert check(route(viewset)) == []


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("bulk_lock", True, "one of nowait, wait or None"),
        ("bulk_lock", "skip", "one of nowait, wait or None"),
        ("bulk_commit_every", 0, "a positive integer or None"),
        ("bulk_commit_every", "5", "a positive integer or None"),
        ("bulk_retries", -1, "an integer that is not negative"),
        ("bulk_retries", None, "an integer that is not negative"),
        ("bulk_replayable", 1, "True or False"),
        ("bulk_url_path", "/", "a part of a path"),
        ("batch_url_path", "", "a part of a path"),
    ],
)
def test_option_is_impossible(check, name, value, wanted):
    viewset = type("Optional", (EventViewSet,), {name: value})

    found = check(route(viewset))

    assert [each for each in found if each.id == "multistatus.E005"] == [
        Error(
            f"The {name} of Optional must be {wanted}, got {value!r}.",
            obj=viewset,
            id="multistatus.E005",
        )
    ]


def test_commits_on_the_way_are_not_for_atomic_requests(check, monkeypatch):
    monkeypatch.setitem(django_connections.settings["default"], "ATOMIC_REQUESTS", True)
    viewset = type("Committing", (EventViewSet,), {"bulk_commit_every": 5})

    assert check(route(viewset)) == [
        Error(
            "Committing has bulk_commit_every, but the database 'default' has "
            "ATOMIC_REQUESTS: a request is one transaction.",
            hint="Remove one of the two, or commit each operation by itself: 1.",
            obj=viewset,
            id="multistatus.E006",
        )
    ]


@pytest.mark.parametrize("every", [1, property(lambda self: 1)])
def test_each_operation_by_itself_goes_with_atomic_requests(check, monkeypatch, every):
    monkeypatch.setitem(django_connections.settings["default"], "ATOMIC_REQUESTS", True)
    viewset = type("Committing", (EventViewSet,), {"bulk_commit_every": every})

    assert check(route(viewset)) == []


# Databases


class ReadingRouter:
    def db_for_read(self, model, **hints):
        return "other"


class Connections(dict):
    def all(self):
        return list(self.values())


SQLITE = SimpleNamespace(
    alias="default", vendor="sqlite", settings_dict={"OPTIONS": {}}
)


class SilentRouter:
    def allow_migrate(self, db, app_label, **hints):
        return None


class OwnPinnedRouter(PinnedRouter):
    pass


NOT_PINNED = Warning(
    f"Where the operations of a batch read is said by {__name__}.ReadingRouter: "
    "from a replica, they miss what the earlier ones wrote.",
    hint='Put "multistatus_app.routers.PinnedRouter" first in DATABASE_ROUTERS. If a '
    "model is always read where it is written, silence this.",
    id="multistatus.W009",
)


@pytest.mark.parametrize(
    ("routers", "expected"),
    [
        ([], []),
        ([ReadingRouter()], [NOT_PINNED]),
        ([SilentRouter(), ReadingRouter()], [NOT_PINNED]),
        ([ReadingRouter(), PinnedRouter()], [NOT_PINNED]),
        ([PinnedRouter(), ReadingRouter()], []),
        (["multistatus_app.routers.PinnedRouter", ReadingRouter()], []),
        ([SilentRouter(), OwnPinnedRouter(), ReadingRouter()], []),
        ([SilentRouter()], []),
    ],
)
def test_routers(check, settings, routers, expected):
    settings.DATABASE_ROUTERS = routers

    assert check(route(EventViewSet)) == expected


def test_routers_where_nothing_is_routed(check, settings):
    settings.DATABASE_ROUTERS = [ReadingRouter()]

    assert check() == []


def test_routers_that_are_nowhere(check, monkeypatch):
    broken = ConnectionRouter(["tests.nowhere.Router"])
    monkeypatch.setattr(databases, "router", broken)

    assert check(route(EventViewSet)) == []


def test_routers_of_one_database(check, settings, monkeypatch):
    settings.DATABASE_ROUTERS = [ReadingRouter()]
    monkeypatch.setattr(databases, "connections", Connections(default=SQLITE))

    assert check(route(EventViewSet)) == []


@pytest.mark.parametrize(
    ("vendor", "options", "warns"),
    [
        ("mysql", {"isolation_level": "repeatable read"}, True),
        ("mysql", {"isolation_level": "REPEATABLE READ"}, True),
        ("mysql", {"isolation_level": "read committed"}, False),
        ("mysql", {"isolation_level": None}, False),
        ("mysql", {}, False),
        ("postgresql", {"isolation_level": 2}, False),
    ],
)
def test_isolation(check, monkeypatch, vendor, options, warns):
    connection = SimpleNamespace(
        alias="default", vendor=vendor, settings_dict={"OPTIONS": options}
    )
    monkeypatch.setattr(databases, "connections", Connections(default=connection))

    found = check(route(EventViewSet))

    assert [each.id for each in found] == ["multistatus.W010"] * warns


@pytest.mark.parametrize("value", ["receivers.*", ["receivers.*", 7], None])
def test_receivers_are_a_list_of_names(settings, value):
    settings.MULTISTATUS = {"QUIET_RECEIVERS": value}

    [error] = check_settings()

    assert error.id == "multistatus.E003"
    assert error.msg == (
        f'MULTISTATUS["QUIET_RECEIVERS"] must be a list of dotted names, got {value!r}.'
    )
