"""What is logged is bounded, and shows no values."""

from __future__ import annotations

import logging
from typing import Any, Final

import pytest
from django.db import DataError

from multistatus_app.handlers.reports import strip_values
from multistatus_app.viewsets import BulkModelViewSet
from tests.conftest import Serve
from tests.costs.counting import send
from tests.hostile_bodies import KINDS, bulk
from tests.shop.models import Event
from tests.shop.serializers import EventSerializer

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,
    pytest.mark.urls("tests.hostile_urls"),
]


class TestLog:
    """One record an operation, one traceback a kind, and no values."""

    def test_bugs(self, caplog: pytest.LogCaptureFixture) -> None:
        send(KINDS["bugs"](200))

        first, *others = caplog.records
        assert len(others) >= 5
        assert first.exc_info is not None
        assert first.getMessage() == (
            "Unexpected error in operation 0 (POST) of /bugs/bulk/"
        )
        assert {each.exc_info for each in others} == {None}
        assert others[0].getMessage() == (
            "Unexpected error in operation 1 (POST) of /bugs/bulk/, as in operation 0"
        )
        assert "secret" not in caplog.text

    @pytest.mark.parametrize("is_wrapped", [False, True])
    def test_words_of_a_database(
        self,
        serve: Serve,
        caplog: pytest.LogCaptureFixture,
        is_wrapped: bool,
    ) -> None:
        class Viewset(BulkModelViewSet):
            queryset = Event.objects.all()
            serializer_class = EventSerializer

            def perform_create(self, serializer: Any) -> None:
                try:
                    _refuse()
                except DataError as exc:
                    if is_wrapped:
                        raise LookupError("my own words") from exc
                    raise

        serve(Viewset)

        send(bulk('{"text":"secret"}', path="/things/bulk/"))

        (record,) = caplog.records
        text = logging.Formatter().format(record)
        assert "secret" not in text
        assert "SQLSTATE 22P05" in text
        assert "_refuse" in text
        assert ("my own words" in text) == is_wrapped

    def test_what_is_no_databases_is_as_it_was(self) -> None:
        exc = LookupError("words")

        assert strip_values(exc) is exc

    def test_a_class_with_arguments_of_its_own(self) -> None:
        class Own(DataError):
            def __new__(cls, *, value: str) -> Any:
                return super().__new__(cls)

            def __init__(self, *, value: str) -> None:
                super().__init__(value)

        stripped = strip_values(Own(value="secret"))

        assert "Own: (the database's words" in str(stripped)


WORDS: Final = "JSON data, line 1: secret"


class DriverError(Exception):
    """What psycopg raises."""

    sqlstate = "22P05"


def _refuse() -> None:
    try:
        raise DriverError(WORDS)
    except DriverError as exc:
        raise DataError(WORDS) from exc
