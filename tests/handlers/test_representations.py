"""What an operation answers is what it would have answered when its turn came."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy, override
from rest_framework.response import Response
from rest_framework.test import APIClient

from multistatus_app.handlers.representations import settle
from tests.answers import get_results, get_statuses
from tests.conftest import Serve
from tests.handlers.viewsets import get_names, make_view
from tests.shop.models import Category

pytestmark = pytest.mark.django_db


def serve_answer(serve: Serve, make: Any) -> None:
    """Serve a viewset whose creates answer with what a function makes."""

    def create(self: Any, request: Any) -> Response:
        Category.objects.create(name=request.data["name"])
        return Response(make(), status=201)

    serve(make_view(create=create))


def get_rows() -> Any:
    """Ask for the names, when somebody iterates."""
    return Category.objects.order_by("pk").values_list("name", flat=True)


@pytest.mark.parametrize(
    "make",
    [
        get_rows,
        lambda: iter(get_rows()),
        lambda: SimpleLazyObject(lambda: list(get_rows())),
        lambda: (name for name in get_rows()),
    ],
)
@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_rows_that_are_asked_for_late(
    api: APIClient, serve: Serve, make: Any, query: str
) -> None:
    serve_answer(serve, lambda: {"all": make()})

    response = api.post(f"/things/bulk/{query}", [{"name": "a"}, {"name": "b"}])

    shown = [each["data"] for each in get_results(response)]
    assert shown == [{"all": ["a"]}, {"all": ["a", "b"]}]


def fail() -> Any:
    """Fail, when somebody iterates."""
    yield 1 / 0


@pytest.mark.parametrize("make", [fail, lambda: SimpleLazyObject(lambda: 1 / 0)])
@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_what_cannot_be_evaluated_fails_one_operation(
    api: APIClient, serve: Serve, make: Any, accept: str
) -> None:
    makers = iter([dict, lambda: {"x": make()}, dict])
    serve_answer(serve, lambda: next(makers)())
    body = [{"name": "a"}, {"name": "b"}, {"name": "c"}]

    response = api.post("/things/bulk/", body, headers={"Accept": accept})

    assert response.status_code == 207
    if accept == "application/json":
        assert get_statuses(response) == [201, 500, 201]
    assert get_names() == ["a", "c"]


def test_settle() -> None:
    lazy = {"a": (gettext_lazy("Home"), [1.5, None]), "b": {"c": True}}

    with override("de"):
        settled = settle(lazy)

    assert settled == {"a": ("Start", [1.5, None]), "b": {"c": True}}
    assert settled["b"] is not lazy["b"]


def test_the_href_is_that_of_the_row_that_is_answered(
    api: APIClient, serve: Serve
) -> None:
    """Not of another one that was made after it."""

    def create(self: Any, request: Any) -> Response:
        made = []
        for name in (request.data["name"], "more"):
            serializer = self.get_serializer(data={"name": name})
            serializer.is_valid(raise_exception=True)
            serializer.save()
            made.append(serializer)
        return Response(made[0].data, status=201)

    serve(make_view(create=create))

    (result,) = get_results(api.post("/things/bulk/", [{"name": "a"}]))

    assert result["href"] == f"/things/{result['data']['id']}/"
    assert get_names() == ["a", "more"]
