"""Receivers that fail, that write, and that are not there."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from rest_framework.test import APIClient

from multistatus_app.handlers import traces
from multistatus_app.handlers.traces import Traces
from multistatus_app.signals import undone
from tests.answers import get_statuses
from tests.conftest import Serve
from tests.shop.models import Category
from tests.signals.viewsets import HookedViewSet, create

pytestmark = pytest.mark.django_db


def test_a_receiver_that_fails_harms_nobody(
    api: APIClient, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**kwargs: Any) -> None:
        raise RuntimeError("Bad luck.")

    serve(HookedViewSet)
    undone.connect(fail)
    try:
        response = create(api, "a odd b")
    finally:
        undone.disconnect(fail)

    assert get_statuses(response) == [201, 400, 201]
    (record,) = caplog.records
    assert (record.levelno, record.name) == (logging.ERROR, "django.dispatch")


def test_a_receiver_that_breaks_its_transaction_harms_nobody(
    api: APIClient, serve: Serve
) -> None:
    def write_twice(**kwargs: Any) -> None:
        Category.objects.bulk_create([Category(name="twice") for _ in range(2)])

    serve(HookedViewSet)
    undone.connect(write_twice)
    try:
        response = create(api, "a odd b")
    finally:
        undone.disconnect(write_twice)

    assert get_statuses(response) == [201, 400, 201]
    assert set(Category.objects.values_list("name", flat=True)) == {"a", "b"}


def test_what_a_receiver_writes_is_known_to_later_operations(
    api: APIClient, serve: Serve
) -> None:
    def note(**kwargs: Any) -> None:
        Category.objects.create(name="noted")

    serve(HookedViewSet)
    undone.connect(note)
    try:
        response = create(api, "odd noted a b c")
    finally:
        undone.disconnect(note)

    assert get_statuses(response) == [400, 400, 201, 201, 201]


@pytest.mark.parametrize("names", ["a odd b", "a b c d e"])
def test_nothing_is_kept_where_nobody_listens(
    api: APIClient, serve: Serve, monkeypatch: pytest.MonkeyPatch, names: str
) -> None:
    def send(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("Nobody listens.")

    def note(self: Any, *args: Any, **kwargs: Any) -> None:
        noted(self, *args, **kwargs)
        assert not self._left

    noted = Traces.note
    serve(HookedViewSet)
    monkeypatch.setattr(traces, "send_undone", send)
    monkeypatch.setattr(Traces, "note", note)

    assert create(api, names, "?dry_run=1").status_code == 207
