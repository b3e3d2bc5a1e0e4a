"""What is raised, and the handler of exceptions of a project."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.db import transaction
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import exception_handler

from tests.answers import get_error, get_results, get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.handlers.products import get_product
from tests.handlers.viewsets import make_view
from tests.shop.models import Category

pytestmark = pytest.mark.django_db


class TestProjectExceptionHandling:
    """A project's own handler says the status; its rollbacks are its own."""

    @pytest.fixture
    def handled(self, settings: Any, serve: Serve) -> None:
        """Install a handler as projects write them."""
        settings.REST_FRAMEWORK = {
            "TEST_REQUEST_DEFAULT_FORMAT": "json",
            "EXCEPTION_HANDLER": "tests.handlers.test_exceptions.handle",
        }

        def perform_create(self: Any, serializer: Any) -> None:
            match serializer.save().name:
                case "key":
                    raise KeyError("inside")
                case "bug":
                    raise RuntimeError("inside")
                case "broken":
                    raise ZeroDivisionError("inside")

        serve(make_view(perform_create=perform_create))

    @pytest.mark.usefixtures("handled")
    def test_fail_with_what_the_handler_says(self, api: APIClient) -> None:
        response = api.post(
            "/things/bulk/",
            [{"name": "key"}, {"name": "a"}, {"name": ""}, {"name": "b"}],
        )

        results = get_results(response)
        assert [each["status"] for each in results] == [410, 201, 422, 201]
        assert results[0]["error"] == get_error(
            "error", "The operation failed.", 410, "Gone"
        )
        assert results[2]["error"]["errors"] == [
            {
                "pointer": "#/name",
                "code": "blank",
                "detail": "This field may not be blank.",
            }
        ]
        assert sorted(Category.objects.values_list("name", flat=True)) == ["a", "b"]

    @pytest.mark.usefixtures("handled")
    @pytest.mark.parametrize("name", ["bug", "broken"])
    def test_fail_with_what_the_handler_leaves(self, api: APIClient, name: str) -> None:
        response = api.post("/things/bulk/", [{"name": name}, {"name": "a"}])

        assert get_statuses(response) == [500, 201]
        assert list(Category.objects.values_list("name", flat=True)) == ["a"]

    def test_handle_exception_overridden(self, api: APIClient, serve: Serve) -> None:
        seen: list[Any] = []

        def handle_exception(self: Any, exc: Exception) -> Response:
            seen.append((self.action, type(exc).__name__))
            return Response({"message": "Ours.", "code": "ours"}, 409)

        def perform_create(self: Any, serializer: Any) -> None:
            serializer.save()
            raise RuntimeError("inside")

        serve(
            make_view(handle_exception=handle_exception, perform_create=perform_create)
        )

        results = get_results(api.post("/things/bulk/", [{"name": "a"}]))

        assert results[0]["error"] == get_error("ours", "Ours.", 409, "Conflict")
        assert seen == [("create", "RuntimeError")]
        assert not Category.objects.exists()


def handle(exc: Exception, context: Any) -> Any:
    """Do what DRF documents, and doom the transaction in any case."""
    transaction.set_rollback(True)
    if isinstance(exc, KeyError):
        return Response({"detail": "No such key.", "code": "gone"}, 410)
    if isinstance(exc, ZeroDivisionError):
        raise LookupError("the handler itself")
    response = exception_handler(exc, context)
    if response is not None and response.status_code == 400:
        response.status_code = 422
        response.data = {"problems": response.data}
    return response


def test_unexpected_exception_is_logged_and_announced(
    api: APIClient, caplog: pytest.LogCaptureFixture
) -> None:
    category = CategoryFactory().pk
    announced: list[Any] = []

    def hear(sender: Any, request: Any, **kwargs: Any) -> None:
        import sys

        announced.append((request.path, repr(sys.exc_info()[1])))

    got_request_exception.connect(hear)
    try:
        api.post(
            "/api/raising/bulk/",
            [
                get_product(sku=name, name=name, category=category)
                for name in ("good", "bug", "teapot")
            ],
        )
    finally:
        got_request_exception.disconnect(hear)

    assert announced == [("/api/raising/bulk/", "RuntimeError('the secret inside')")]
    (record,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert record.name == "multistatus_app"
    assert record.getMessage() == (
        "Unexpected error in operation 1 (POST) of /api/raising/bulk/"
    )
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "the secret inside"


class Fine(exceptions.APIException):
    """Says that all is well."""

    status_code = 200


class Soon(exceptions.APIException):
    """Says when in words."""

    status_code = 503
    wait = "soon"


class Never(exceptions.APIException):
    """Says when in no number of seconds."""

    status_code = 503
    wait = float("nan")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("exc", [Fine, Soon, Never])
@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize(
    "members", [{}, {"bulk_commit_every": 1}, {"bulk_replayable": True}]
)
def test_an_exception_that_says_impossible_things_is_one_operations(
    api: APIClient, serve: Serve, exc: Any, early: bool, members: Any
) -> None:
    def perform_create(self: Any, serializer: Any) -> None:
        odd = serializer.validated_data["name"] == "odd"
        if odd and early:
            raise exc
        serializer.save()
        if odd:
            raise exc

    serve(make_view(perform_create=perform_create, **members))

    response = api.post(
        "/things/bulk/", [{"name": "a"}, {"name": "odd"}, {"name": "b"}]
    )

    assert get_statuses(response) == [201, 500, 201]
    # Without a transaction of ours, a failure leaves what it leaves singly.
    left = ["odd"] if "bulk_commit_every" in members and not early else []
    assert sorted(Category.objects.values_list("name", flat=True)) == ["a", "b", *left]
