"""What a request costs grows as its body, by counts: time is not the same.

The kinds are those of `hostile_bodies`; `benchmarks/hostile` measures their seconds.
"""

from __future__ import annotations

from typing import Any

import pytest

from multistatus_app.viewsets import BulkModelViewSet
from tests.conftest import Serve
from tests.costs.counting import (
    AT_MOST,
    KINDS_OF_ANY,
    LARGE,
    SIZE,
    SMALL,
    count_calls,
    send,
)
from tests.hostile_bodies import KINDS, bulk
from tests.shop.models import Event
from tests.shop.serializers import EventSerializer

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,
    pytest.mark.urls("tests.hostile_urls"),
]


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
