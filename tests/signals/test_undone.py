"""What is told of operations that were undone after they wrote."""

from __future__ import annotations

from typing import Any

import pytest
from adrf.routers import SimpleRouter as AsyncRouter
from adrf.serializers import ModelSerializer as AsyncModelSerializer
from adrf.viewsets import ModelViewSet as AsyncModelViewSet
from rest_framework import serializers
from rest_framework.test import APIClient
from rest_framework.views import exception_handler as handle_as_usual

from multistatus_app.mixins import BulkModelMixin
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.shop import models
from tests.shop.models import Category
from tests.signals.conftest import Heard
from tests.signals.viewsets import HookedViewSet, ReplayableViewSet, create

pytestmark = pytest.mark.django_db


class AsyncCategorySerializer(AsyncModelSerializer):
    """Stock."""

    class Meta:
        model = Category
        fields = ["id", "name"]


def test_an_operation_that_failed_after_it_wrote(
    api: APIClient, serve: Serve, heard: Heard
) -> None:
    serve(HookedViewSet)

    response = create(api, "a odd b")

    assert get_statuses(response) == [201, 400, 201]
    assert heard == [((1,), ["odd"])]


def test_one_alone(api: APIClient, serve: Serve, heard: Heard) -> None:
    serve(HookedViewSet)

    assert get_statuses(create(api, "odd")) == [400]
    assert heard == [((0,), ["odd"])]


def test_what_wrote_nothing_was_not_undone(
    api: APIClient, serve: Serve, heard: Heard
) -> None:
    serve(HookedViewSet)

    response = api.post("/things/batch/", batch(op("POST", data={}), op("DELETE", 0)))

    assert get_statuses(response) == [400, 404]
    assert heard == []


@pytest.mark.parametrize("names", ["a b", "a b c d e f"])
def test_a_dry_run(api: APIClient, serve: Serve, heard: Heard, names: str) -> None:
    serve(HookedViewSet)

    create(api, names, "?dry_run=1")

    assert heard == [(tuple(range(len(names.split()))), names.split())]


def test_an_atomic_request_that_failed(
    api: APIClient, serve: Serve, heard: Heard
) -> None:
    serve(HookedViewSet)

    response = create(api, "a odd b", "?atomic=1")

    assert get_statuses(response) == [424, 400, 424]
    assert heard == [((1,), ["odd"]), ((0, 2), ["a", "b"])]


def test_a_group_that_is_replayed(api: APIClient, serve: Serve, heard: Heard) -> None:
    serve(ReplayableViewSet)

    create(api, "a odd b")

    assert heard == [((0, 1), ["a", "odd"]), ((1,), ["odd"])]


def test_told_before_the_handler_of_the_project_words_it(
    api: APIClient, serve: Serve, heard: Heard, settings: Any
) -> None:
    def handle(exc: Exception, context: Any) -> Any:
        when.append(list(heard))
        return handle_as_usual(exc, context)

    when: list[Heard] = []
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"EXCEPTION_HANDLER": handle}
    serve(HookedViewSet)

    create(api, "a odd b")

    assert when == [heard] == [[((1,), ["odd"])]]


def test_what_a_handler_wrote_of_a_failure_is_undone_too(
    api: APIClient, serve: Serve, heard: Heard, settings: Any
) -> None:
    def handle(exc: Exception, context: Any) -> Any:
        models.Event.objects.create(text="Refused.")
        return handle_as_usual(exc, context)

    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"EXCEPTION_HANDLER": handle}
    serve(HookedViewSet)

    create(api, "a odd b", "?atomic=1")

    assert heard == [((1,), ["odd"]), ((0, 1, 2), ["a", "b"])]
    assert not models.Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_asynchronous_views(api: APIClient, serve: Serve, heard: Heard) -> None:
    class AsyncViewSet(BulkModelMixin, AsyncModelViewSet):
        queryset = Category.objects.all()
        serializer_class = AsyncCategorySerializer

        async def perform_acreate(self, serializer: Any) -> None:
            await serializer.asave()
            if serializer.instance.name.startswith("odd"):
                raise serializers.ValidationError("Odd.")

    serve(AsyncViewSet, AsyncRouter())

    assert get_statuses(create(api, "a odd b", "?atomic=1")) == [424, 400, 424]
    assert heard == [((1,), ["odd"]), ((0, 2), ["a", "b"])]
