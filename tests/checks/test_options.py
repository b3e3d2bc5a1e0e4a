"""The checks of a viewset's options."""

from __future__ import annotations

import pytest
from django.core.checks import Error
from django.db import connections as django_connections

from tests.checks.made import EventViewSet, route

pytestmark = pytest.mark.once


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
