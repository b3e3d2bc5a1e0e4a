"""The checks of routers and isolation levels."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.checks import Warning
from django.db.utils import ConnectionRouter

from multistatus_app.checks import databases
from multistatus_app.routers import PinnedRouter
from tests.checks.made import EventViewSet, route

pytestmark = pytest.mark.once


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
