"""Names: a viewset keeps those that it has, and those of hooks with other arguments."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.viewsets import ModelViewSet

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.handlers.viewsets import get_names, make_view
from tests.shop.models import Category

pytestmark = pytest.mark.django_db

SEEN: list[Any] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


def test_none_is_taken() -> None:
    own = {*dir(BulkModelViewSet)} - {*dir(ModelViewSet), "__annotations__"}

    assert "get_bulk_pointer" in own
    assert [
        each
        for each in sorted(own)
        if not each.startswith(("bulk", "batch", "get_bulk_", "get_etag"))
    ] == []


def test_none_is_taken_of_an_instance(api: APIClient, serve: Serve) -> None:
    def perform_create(self: Any, serializer: Any) -> None:
        SEEN.append(sorted(vars(self)))
        serializer.save()

    serve(make_view(perform_create=perform_create))

    api.post("/things/", {"name": "a"})
    api.post("/things/bulk/", [{"name": "b"}])

    assert len(SEEN) == 2
    assert SEEN[0] == SEEN[1]


@pytest.mark.parametrize(
    "hook",
    [
        lambda self, serializer: SEEN.append("called"),
        lambda self, serializer, operations, more: SEEN.append("called"),
        lambda self: SEEN.append("called"),
        staticmethod(lambda serializer: SEEN.append("called")),
        "something",
    ],
)
@pytest.mark.parametrize(
    "name", ["perform_bulk_create", "perform_bulk_update", "perform_bulk_destroy"]
)
def test_a_hook_of_a_set_with_other_arguments_is_the_projects_own(
    api: APIClient,
    serve: Serve,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    name: str,
    hook: Any,
) -> None:
    """No set is made with it, and none fails for it."""
    caplog.set_level(logging.DEBUG, "multistatus_app")
    settings.MULTISTATUS = {"MIN_SET_SIZE": 1}
    serve(make_view(**{name: hook}))
    rows = CategoryFactory.create_batch(2)

    statuses = [
        get_statuses(api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])),
        get_statuses(
            api.patch(
                "/things/bulk/",
                [{"id": each.pk, "name": f"c{each.pk}"} for each in rows],
            )
        ),
        get_statuses(api.delete("/things/bulk/", [each.pk for each in rows])),
    ]

    assert statuses == [[201, 201], [200, 200], [204, 204]]
    assert get_names() == ["a", "b"]
    assert SEEN == []
    assert [each for each in caplog.records if "one by one" in each.message] == []


@pytest.mark.parametrize(
    "hook",
    [
        lambda self, serializer, operations: hear(operations),
        lambda self, *args: hear(args[1]),
        staticmethod(lambda serializer, operations: hear(operations)),
    ],
)
def test_a_hook_of_a_set(
    api: APIClient, serve: Serve, settings: Any, hook: Any
) -> None:
    settings.MULTISTATUS = {"MIN_SET_SIZE": 1}
    serve(make_view(perform_bulk_create=hook))

    response = api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])

    assert get_statuses(response) == [201, 201]
    assert SEEN == [2]


def hear(operations: Any) -> None:
    """Write the rows of a set, and note how many they are."""
    SEEN.append(len(operations))
    Category.objects.bulk_create(each.instance for each in operations)


@pytest.mark.parametrize("name", ["operation", "targets", "fetched", "serializer_pool"])
@pytest.mark.parametrize("is_action", [True, False])
def test_a_viewset_may_have_names_of_its_own(
    api: APIClient, serve: Serve, name: str, is_action: bool
) -> None:
    def extra(self: Any, request: Any, pk: str) -> Response:
        return Response({"id": self.get_object().pk})

    extra.__name__ = name
    own = action(detail=True)(extra) if is_action else "something"
    serve(make_view(**{name: own, "bulk_lock": "wait"}))
    rows = CategoryFactory.create_batch(2)

    response = api.post(
        "/things/batch/",
        batch(
            op("POST", data={"name": "new"}),
            *(op("PATCH", each.pk, {"name": f"n{each.pk}"}) for each in rows),
            op("PUT", rows[0].pk, {"name": "put"}, if_match="*"),
            op("DELETE", rows[1].pk),
        ),
    )

    assert get_statuses(response) == [201, 200, 200, 200, 204]
    assert "etag" in response.json()["results"][0]
    if is_action:
        single = api.get(f"/things/{rows[0].pk}/{name}/")
        assert single.json() == {"id": rows[0].pk}
