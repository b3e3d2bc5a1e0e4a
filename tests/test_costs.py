"""What a request may cost is no choice of its body: by counts, as time is not the same.

The kinds are those of `hostile_bodies`; `benchmarks/hostile` measures their seconds.
"""

from __future__ import annotations

import gc
import io
import logging
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest
from django.db import DataError
from rest_framework import serializers
from rest_framework.test import APIClient, APIRequestFactory

import multistatus_app
from multistatus_app.formats.parsers import MultiStatusJSONParser, MultiStatusXMLParser
from multistatus_app.handlers.reports import strip_values
from multistatus_app.viewsets import BulkModelViewSet
from tests.conftest import Serve
from tests.hostile_bodies import FORM, JSON, KINDS, XML, Hostile, basket, bulk, xml
from tests.shop.models import Event

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,
    pytest.mark.urls("tests.hostile_urls"),
]

PACKAGE: Final = str(Path(multistatus_app.__file__).parent)
SMALL: Final = 500
SIZE: Final = 4_000
"""Bytes: large enough that what is per request does not hide what grows."""
LARGE: Final = 20_000
AT_MOST: Final = 2.2
"""The growth of what is to be linear, when the body grows to twice its size."""
KINDS_OF_ANY: Final = pytest.mark.parametrize("name", KINDS)


def send(hostile: Hostile, **extra: Any) -> Any:
    """Send a request as it is."""
    client = APIClient(raise_request_exception=False)
    return client.generic(
        hostile.method,
        hostile.path,
        hostile.body,
        content_type=hostile.content_type,
        headers=hostile.headers,
        **extra,
    )


@contextmanager
def counting() -> Iterator[dict[str, int]]:
    """Count calls of Python functions: of all, and of ours."""
    counts = {"all": 0, "ours": 0}

    def count(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            counts["all"] += 1
            counts["ours"] += frame.f_code.co_filename.startswith(PACKAGE)

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield counts
    finally:
        sys.setprofile(before)


def count_calls(hostile: Hostile) -> dict[str, int]:
    with counting() as counts:
        send(hostile)
    return counts


class TestGrowth:
    """From n to 2n, everything at most doubles."""

    @KINDS_OF_ANY
    def test_calls(self, name: str) -> None:
        make = KINDS[name]
        size = SMALL if name.startswith("empty objects") else SIZE
        count_calls(make(size))  # what is found once, and kept, is found here

        half, whole = count_calls(make(size)), count_calls(make(2 * size))

        growth = {each: whole[each] / half[each] for each in half}
        assert max(growth.values()) <= AT_MOST, (half, whole)

    @KINDS_OF_ANY
    def test_bytes(self, name: str) -> None:
        hostile, twice = KINDS[name](LARGE), KINDS[name](2 * LARGE)

        half, whole = send(hostile), send(twice)

        assert half.status_code != 500
        # A message of 1,000 characters may be in one, and not in the other.
        assert len(whole.content) <= AT_MOST * len(half.content) + 1500
        assert len(whole.content) <= 25 * twice.size + 2_000_000

    @pytest.mark.parametrize(
        "name",
        [
            "empty objects of many fields",
            "empty objects of many fields in xml",
            "errors of many lists",
            "long names before many errors in xml",
            "path just short enough",
        ],
    )
    def test_answers_of_a_thousand(self, name: str) -> None:
        """With as many operations as there may be."""
        hostile = KINDS[name](200_000)

        response = send(hostile)

        assert len(response.content) <= 25 * hostile.size + 2_000_000


def test_a_query_is_of_one_operation(serve: Serve) -> None:
    """Its lists are shared until somebody changes them."""
    seen: list[Any] = []

    class Viewset(BulkModelViewSet):
        queryset = Event.objects.all()
        serializer_class = EventSerializer

        def perform_create(self, serializer: Any) -> None:
            query = self.request.query_params
            copy = query.copy()
            copy.appendlist("a", "copied")
            query._mutable = True
            query.appendlist("a", "mine")
            query.setlist("b", ["mine"])
            seen.append((query.urlencode(), copy.urlencode()))

    serve(Viewset)

    send(bulk(*['{"text":"a"}'] * 3, path="/things/bulk/?a=1&a=2"))

    assert seen == [("a=1&a=2&a=mine&b=mine", "a=1&a=2&a=copied")] * 3


class TestMessages:
    """Messages are cut and counted."""

    def test_the_rest_is_counted(self) -> None:
        one = basket(f'"size":[{",".join(["0"] * 150)}]')

        (result,) = send(bulk(one, path="/baskets/bulk/")).json()["results"]

        *told, more = result["error"]["errors"]
        assert len(told) == 100
        assert more == {
            "pointer": "#",
            "code": "more_errors",
            "detail": "There are 50 more errors.",
        }

    @pytest.mark.parametrize("name", ["é" * 450, "&" * 1000, "k" * 1001])
    def test_a_long_pointer_ends_before_the_name(self, name: str) -> None:
        one = basket(f'"bags":{{"{name}":["x"]}}')

        (result,) = send(bulk(one, path="/baskets/bulk/")).json()["results"]

        assert [each["pointer"] for each in result["error"]["errors"]] == ["#/bags"]

    def test_each_operation_says_one_thing_at_least(self) -> None:
        response = send(KINDS["empty objects of many fields"](3000))

        results = response.json()["results"]
        first, last = results[0]["error"], results[-1]["error"]
        assert len(results) == 1000
        assert len(first["errors"]) == 40
        assert first["detail"] == last["detail"] == "40 fields are not valid."
        assert last["errors"] == [
            {
                "pointer": "#/field_0",
                "code": "required",
                "detail": "This field is required.",
            },
            {
                "pointer": "#",
                "code": "more_errors",
                "detail": "There are 39 more errors.",
            },
        ]

    def test_a_large_request_is_told_more(self) -> None:
        """An import of honest rows hears of each mistake."""
        values = ",".join(f'"field_{i}":"{"x" * 20}"' for i in range(40))

        response = send(bulk(*["{" + values + "}"] * 100, path="/wide/bulk/"))

        assert {
            len(each["error"]["errors"]) for each in response.json()["results"]
        } == {40}

    def test_unknown_members(self) -> None:
        members = ",".join(f'"m{each}":0' for each in range(12))
        body = f'{{"operations":[{{{members},"method":"DELETE","key":1}}]}}'

        response = send(Hostile(path="/events/batch/", body=body.encode()))

        (result,) = response.json()["results"]
        errors = result["error"]["errors"]
        assert {each["code"] for each in errors} == {"unknown"}
        assert errors[0]["detail"] == (
            "Unknown member 'm0'; there are method, ref, key, if_match and data."
        )
        assert [each["detail"] for each in errors[10:]] == [
            "So many more members are unknown: 2."
        ]

    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("long unknown member of the document", 400),
            ("long ref twice", 400),
            ("long path and many results", 414),
            ("long path and many results in xml", 414),
        ],
    )
    def test_a_refusal_is_short(self, name: str, status: int) -> None:
        response = send(KINDS[name](LARGE))

        assert response.status_code == status
        assert len(response.content) < 2000

    def test_fail_long_path(self) -> None:
        path = f"/of/{'t' * 4000}/events/bulk/"

        assert send(bulk("0", path=path)).status_code == 207
        response = send(bulk(*["0"] * 200, path=path))

        assert response.status_code == 414
        assert response.json() == {
            "detail": "The path has 4017 characters, which is too long for 200 "
            "operations. Send them in several requests."
        }

    @pytest.mark.parametrize(
        "name",
        ["long namespace of many elements", "long namespace of many attributes"],
    )
    def test_fail_long_namespace(self, name: str) -> None:
        response = send(KINDS[name](LARGE))

        assert response.status_code == 400
        assert (
            b"The XML has a namespace of 10000 characters, the limit is 255."
            in response.content
        )

    def test_a_namespace_of_common_length(self) -> None:
        inside = f'<m:item><text>a</text><x xmlns="{"u" * 255}"/></m:item>'

        assert b"201 Created" in send(xml(inside)).content


class UnreadBody(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("The body was read.")

    readline = readinto = read  # type: ignore[assignment]


class TestAnonymous:
    """Who is not authenticated is refused before the body is parsed."""

    @KINDS_OF_ANY
    def test_nothing_is_parsed(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        parsed: list[Any] = []
        for parser in (MultiStatusJSONParser, MultiStatusXMLParser):
            monkeypatch.setattr(parser, "parse", lambda *args: parsed.append(args))
        hostile = KINDS[name](LARGE)
        kind = "batch" if "/batch/" in hostile.path else "bulk"
        hostile = replace(hostile, path=f"/closed/{kind}/")
        extra = {}
        if hostile.content_type != FORM:  # which tells nothing but how it begins
            extra["wsgi.input"] = UnreadBody(hostile.body)

        send(Hostile(body=b"", path=hostile.path))  # the URLs are found, and kept

        with counting() as counts:
            response = send(hostile, **extra)

        assert response.status_code in (403, 406)
        assert parsed == []
        # The page in HTML has a form, and Accept is split by REST framework.
        if hostile.headers.keys() != {"Accept"}:
            assert counts["all"] < 3000
        assert len(response.content) < 10_000

    @pytest.mark.parametrize("content_type", [JSON, XML])
    def test_open_to_who_is_authenticated(self, content_type: str) -> None:
        """The counts above are of a refusal, not of a route that does nothing."""
        body = b'[{"text":"a"}]'
        response = send(Hostile(body=body, path="/closed/bulk/"))
        assert response.status_code == 403

        assert send(Hostile(body=body)).status_code == 207


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


class EventSerializer(serializers.ModelSerializer[Event]):
    """Stock."""

    class Meta:
        model = Event
        fields = ["id", "text"]


class TestMemory:
    """Classes that are made for a request live as long as it does."""

    def test_classes(self) -> None:
        made = [each for _ in range(100) for each in run_once()]
        gc.collect()

        assert len(made) == 300
        assert [each() for each in made if each() is not None] == []

    def test_objects(self) -> None:
        for _ in range(20):
            run_once()
        gc.collect()
        before = len(gc.get_objects())
        for _ in range(200):
            run_once()
        gc.collect()

        assert len(gc.get_objects()) - before < 200


def run_once() -> list[Callable[[], Any]]:
    """Run a batch of new classes, and another of a class with a new serializer."""

    class OwnSerializer(EventSerializer):
        pass

    class Viewset(BulkModelViewSet):
        queryset = Event.objects.all()
        serializer_class = OwnSerializer

        def perform_create(self, serializer: Any) -> None:
            serializer.save()

    class Dynamic(BulkModelViewSet):
        queryset = Event.objects.all()

        def get_serializer_class(self) -> Any:
            return OwnSerializer

    for viewset in (Viewset, Dynamic):
        request = APIRequestFactory().post("/x/bulk/", [{"text": "a"}] * 5)
        response = viewset.as_view({"post": "bulk"})(request)
        response.render()
        assert response.status_code == 207
    return [weakref.ref(each) for each in (OwnSerializer, Viewset, Dynamic)]
