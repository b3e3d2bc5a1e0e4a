"""Sets, and the transactions of what they write."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_statuses
from tests.conftest import Serve
from tests.shop import serializers as shop
from tests.shop import views
from tests.shop.models import Parcel, Tag
from tests.strategies.batches.base import needs_exact
from tests.strategies.sending import WAYS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("largest_sets")]


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    """With commits of their own."""

    def test_commit_on_the_way(
        self, api: APIClient, serve: Serve, in_sets: list[int]
    ) -> None:
        serve(type("MadeViewSet", (views.ParcelViewSet,), {"bulk_commit_every": 3}))

        with CaptureQueriesContext(connection) as queries:
            response = api.post(
                "/things/bulk/", [{"label": f"n{index}"} for index in range(7)]
            )

        assert get_statuses(response) == [201] * 7
        assert in_sets == [3, 3, 1]
        assert [each["sql"] for each in queries].count("COMMIT") == 3
        assert Parcel.objects.count() == 7

    @needs_exact
    @pytest.mark.parametrize("smallest", WAYS)
    def test_callbacks_are_of_what_is_kept(
        self, api: APIClient, serve: Serve, settings: Any, smallest: Any
    ) -> None:
        """Neither those of a refused operation, nor twice those of the others."""
        settings.MULTISTATUS = (
            {} if smallest == "default" else {"MIN_SET_SIZE": smallest}
        )
        said: list[str] = []

        class SayingViewSet(BulkModelViewSet):
            queryset = Tag.objects.all()
            serializer_class = shop.TagSerializer
            bulk_replayable = True

            def say(self, name: str) -> None:
                transaction.on_commit(lambda: said.append(name))

            def perform_create(self, serializer: Any) -> None:
                self.say(serializer.validated_data["name"])
                serializer.save()

        serve(SayingViewSet)

        response = api.post(
            "/things/bulk/", [{"name": name} for name in ("a", "b", "A", "c", "d", "B")]
        )

        assert get_statuses(response) == [201, 201, 409, 201, 201, 409]
        assert said == ["a", "b", "c", "d"]

    @pytest.mark.parametrize("option", ["atomic=true", "dry_run=true"])
    def test_nothing_is_kept(
        self, api: APIClient, in_sets: list[int], option: str
    ) -> None:
        response = api.post(
            f"/api/parcels/bulk/?{option}",
            [{"label": "a"}, {"label": "b"}, {"label": ""}],
        )

        expected = [424, 424, 400] if option == "atomic=true" else [201, 201, 400]
        assert get_statuses(response) == expected
        assert in_sets == [2]
        assert not Parcel.objects.exists()
