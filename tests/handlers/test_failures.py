"""What comes after an exception: the project's handler and `finalize_response()`."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.utils.decorators import method_decorator
from rest_framework import exceptions, permissions
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import exception_handler

from tests.answers import batch, get_details, get_error, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.handlers.viewsets import get_names, make_view
from tests.shop.models import Category, Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=[False, True], ids=["autocommit", "ATOMIC_REQUESTS"])
def atomic_requests(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> bool:
    """Run a test with ATOMIC_REQUESTS off and on."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", request.param)
    return bool(request.param)


def save_and_raise(self: Any, serializer: Any) -> None:
    """Save, and fail for some names."""
    match serializer.save().name:
        case "denied":
            raise exceptions.PermissionDenied("Not this one.")
        case "late":
            raise exceptions.ValidationError({"name": ["Too late."]}, code="late")
        case "conflict":
            Category.objects.create(name="conflict")
        case "bug":
            raise RuntimeError("the secret inside")


class NotOne(permissions.BasePermission):
    """Refuses a row."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Refuse."""
        return bool(obj.name != "closed")


def log(text: str) -> None:
    """Leave a row, unless DRF's own handler has doomed the transaction."""
    if not (connection.in_atomic_block and transaction.get_rollback()):
        Event.objects.create(text=text)


def get_log() -> list[str]:
    """Return what was logged."""
    return list(Event.objects.order_by("pk").values_list("text", flat=True))


def handle_everything(exc: Exception, context: Any) -> Any:
    """Answer unexpected exceptions, too."""
    response = exception_handler(exc, context)
    return response or Response({"detail": "Sorry."}, status=500)


def handle_and_log(exc: Exception, context: Any) -> Any:
    """Ask the database, and leave a row."""
    log(f"{context['view'].action} {type(exc).__name__} {Category.objects.count()}")
    return exception_handler(exc, context)


def make_operations(closed: Any) -> Any:
    """Return operations of which most fail, each in a way of its own."""
    return [
        op("POST", data={"name": "a"}), op("POST", data={"name": ""}),
        op("POST", data={"name": "denied"}), op("POST", data={"name": "late"}),
        op("DELETE", closed.pk), op("PATCH", 0, {"name": "b"}),
        op("PUT", closed.pk, {"name": "b"}), op("POST", data={"name": "bug"}),
        op("POST", data={"name": "c"}),
    ]  # fmt: skip


def run_singly(api: APIClient, operations: Any) -> list[int]:
    """Send operations as single requests."""
    statuses = []
    for each in operations:
        path = f"/things/{each['key']}/" if "key" in each else "/things/"
        send = getattr(api, each["method"].lower())
        statuses.append(send(path, each.get("data")).status_code)
    return statuses


WAYS = [{}, {"bulk_replayable": True}, {"bulk_commit_every": 2},
        {"bulk_commit_every": 1}]  # fmt: skip


@pytest.mark.parametrize("members", WAYS, ids=repr)
@pytest.mark.usefixtures("atomic_requests")
class TestTraces:
    """What the handler and `finalize_response()` write is kept as it is singly."""

    def compare(self, api: APIClient, serve: Serve, view: Any, statuses: Any) -> None:
        """Run operations both ways, and compare what is left."""
        serve(view)
        left = []
        for run in (run_singly, self.run_batch):
            Event.objects.all().delete()
            Category.objects.all().delete()
            operations = make_operations(CategoryFactory(name="closed"))
            assert run(api, operations) == statuses
            names = [each for each in get_names() if each != "closed"]
            left.append((get_log(), names))
        single, in_batch = left
        assert in_batch[0] == single[0]
        # Of operations that failed, rows are left only where they are singly.
        if vars(view).get("bulk_commit_every") == 1:
            assert in_batch[1] == single[1]
        else:
            assert in_batch[1] == ["a", "c"]

    def run_batch(self, api: APIClient, operations: Any) -> list[int]:
        return get_statuses(api.post("/things/batch/", batch(*operations)))

    def test_finalize_response(
        self, api: APIClient, serve: Serve, members: Any
    ) -> None:
        def finalize_response(
            self: Any, request: Any, response: Any, **kwargs: Any
        ) -> Any:
            response = super(view, self).finalize_response(request, response)
            log(f"{request.method} {response.status_code} {self.action}")
            return response

        view = make_view(
            perform_create=save_and_raise,
            permission_classes=[NotOne],
            finalize_response=finalize_response,
            get_exception_handler=lambda self: handle_everything,
            http_method_names=["get", "post", "patch", "delete"],
            **members,
        )
        statuses = [201, 400, 403, 400, 403, 404, 405, 500, 201]

        self.compare(api, serve, view, statuses)

    def test_handler(self, api: APIClient, serve: Serve, members: Any) -> None:
        view = make_view(
            perform_create=save_and_raise,
            permission_classes=[NotOne],
            get_exception_handler=lambda self: handle_and_log,
            **members,
        )
        statuses = [201, 400, 403, 400, 403, 404, 403, 500, 201]
        # In a batch, what the operation wrote is undone before the handler counts.
        if members.get("bulk_commit_every") == 1:
            self.compare(api, serve, view, statuses)
            return
        serve(view)
        closed = CategoryFactory(name="closed")
        assert self.run_batch(api, make_operations(closed)) == statuses
        is_atomic = connection.settings_dict["ATOMIC_REQUESTS"]
        assert get_log() == ([] if is_atomic else [
            "create ValidationError 2", "create PermissionDenied 2",
            "create ValidationError 2", "destroy NotAuthenticated 2",
            "partial_update Http404 2", "update NotAuthenticated 2",
            "create RuntimeError 2",
        ])  # fmt: skip

    def test_handler_after_the_database_refused(
        self, api: APIClient, serve: Serve, members: Any
    ) -> None:
        """It may ask the database, and write to it."""

        def handle(exc: Exception, context: Any) -> Any:
            log(f"{type(exc).__name__} {Category.objects.count()}")
            return Response({"detail": "Taken.", "code": "taken"}, status=409)

        def perform_create(self: Any, serializer: Any) -> None:
            with transaction.atomic():
                save_and_raise(self, serializer)

        serve(
            make_view(
                perform_create=perform_create,
                get_exception_handler=lambda self: handle,
                **members,
            )
        )

        response = api.post("/things/bulk/", [{"name": "conflict"}, {"name": "a"}])

        assert get_statuses(response) == [409, 201]
        assert get_names() == ["a"]
        # What is not in an ATOMIC_REQUESTS transaction is kept, as singly.
        kept = members.get("bulk_commit_every") == 1
        if not connection.settings_dict["ATOMIC_REQUESTS"] or kept:
            assert get_log() == ["IntegrityError 0"]


def add(exc: Exception, context: Any) -> Any:
    """Add to `response.data`, as REST framework's documentation shows."""
    response: Any = exception_handler(exc, context)
    if response is not None:
        response.data["status_code"] = response.status_code
    return response


def wrap(exc: Exception, context: Any) -> Any:
    """Answer as JSON:API and others do."""
    response: Any = exception_handler(exc, context)
    if response is not None:
        response.data = {"errors": [{"title": "No", "source": response.data}]}
    return response


def empty(exc: Exception, context: Any) -> Any:
    """Clear what the exception said."""
    response: Any = exception_handler(exc, context)
    if isinstance(exc, exceptions.ValidationError):
        exc.detail.clear()  # type: ignore[union-attr]
    return response


def ok(exc: Exception, context: Any) -> Any:
    """Make a success of everything."""
    return Response({"id": 1, "name": "fine"}, status=200)


def moved(exc: Exception, context: Any) -> Any:
    """Send clients elsewhere."""
    return Response(status=302, headers={"Location": "/login/"})


def fail(exc: Exception, context: Any) -> Any:
    """Be broken."""
    raise LookupError("the handler itself")


class TestHandlers:
    """The exception speaks, whatever document a handler makes of it."""

    @pytest.fixture
    def handled(self, request: Any, serve: Serve) -> None:
        """Serve a viewset with the handler of a test."""
        serve(
            make_view(
                perform_create=save_and_raise,
                get_exception_handler=lambda self: request.param,
            )
        )

    @pytest.mark.parametrize(
        "handled", [exception_handler, add, wrap, empty], indirect=True
    )
    @pytest.mark.usefixtures("handled")
    def test_document(self, api: APIClient) -> None:
        response = api.post(
            "/things/bulk/", [{"name": ""}, {"name": "denied"}, {"name": "late"}]
        )
        in_xml = api.post(
            "/things/bulk/", [{"name": "", "parent": None}], HTTP_ACCEPT="text/xml"
        )

        results = get_results(response)
        assert [each["error"].get("errors") for each in results] == [
            [{"pointer": "#/name", "code": "blank",
              "detail": "This field may not be blank."}],
            None,
            [{"pointer": "#/name", "code": "late", "detail": "Too late."}],
        ]  # fmt: skip
        assert results[1]["error"] == get_error(
            "permission_denied", "Not this one.", 403, "Forbidden"
        )
        assert b"status_code" not in in_xml.content
        assert in_xml.content.count(b"<D:propstat>") == 2

    @pytest.mark.parametrize("handled", [ok, moved], indirect=True)
    @pytest.mark.usefixtures("handled")
    def test_status_below_400_is_no_success(self, api: APIClient) -> None:
        response = api.post(
            "/things/bulk/",
            [{"name": "denied"}, {"name": "late"}, {"name": "bug"}, {"name": "a"}],
        )

        assert get_statuses(response) == [403, 400, 500, 201]
        assert get_names() == ["a"]

    @pytest.mark.parametrize("handled", [fail], indirect=True)
    @pytest.mark.usefixtures("handled")
    def test_that_raises(
        self, api: APIClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        response = api.post("/things/bulk/", [{"name": "late"}, {"name": "a"}])

        assert get_statuses(response) == [500, 201]
        assert get_details(response)[0] == "An unexpected error occurred; it is logged."
        assert get_names() == ["a"]
        (record,) = get_errors(caplog)
        assert record.exc_info is not None
        assert str(record.exc_info[1]) == "the handler itself"


def get_errors(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Return the errors that were logged."""
    return [each for each in caplog.records if each.levelno >= logging.ERROR]


@pytest.fixture
def announced() -> Any:
    """Note what error monitors are told."""
    heard: list[Any] = []

    def hear(sender: Any, request: Any, **kwargs: Any) -> None:
        heard.append(request.path)

    got_request_exception.connect(hear)
    yield heard
    got_request_exception.disconnect(hear)


@pytest.mark.parametrize("members", WAYS, ids=repr)
@pytest.mark.parametrize("is_handled", [True, False])
def test_an_unexpected_exception_is_logged_once(
    api: APIClient,
    serve: Serve,
    caplog: pytest.LogCaptureFixture,
    announced: list[str],
    members: Any,
    is_handled: bool,
) -> None:
    """Monitors hear of it where they do singly: not if the project answers it."""
    handler = handle_everything if is_handled else exception_handler
    serve(
        make_view(
            perform_create=save_and_raise,
            get_exception_handler=lambda self: handler,
            **members,
        )
    )

    api.post("/things/", {"name": "bug"})
    singly = (len(get_errors(caplog)), len(announced))
    Category.objects.all().delete()
    caplog.clear()
    announced.clear()
    response = api.post("/things/bulk/", [{"name": "a"}, {"name": "bug"}])

    assert get_statuses(response) == [201, 500]
    assert get_details(response)[1] == "An unexpected error occurred; it is logged."
    (record,) = get_errors(caplog)
    assert record.name == "multistatus_app"
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "the secret inside"
    assert (1, len(announced)) == singly


def test_a_status_below_500_is_no_bug(
    api: APIClient, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def handle(exc: Exception, context: Any) -> Any:
        return Response({"detail": "Teapot."}, status=418)

    serve(
        make_view(
            perform_create=save_and_raise, get_exception_handler=lambda self: handle
        )
    )

    response = api.post("/things/bulk/", [{"name": "bug"}])

    assert get_details(response) == ["The operation failed."]
    assert get_statuses(response) == [418]
    assert get_errors(caplog) == []


@pytest.mark.usefixtures("atomic_requests")
def test_a_transaction_around_dispatch(api: APIClient, serve: Serve) -> None:
    """The project's own goes its own way; of what fails, nothing is left."""
    view = method_decorator(transaction.atomic, name="dispatch")(
        make_view(
            perform_create=save_and_raise,
            get_exception_handler=lambda self: handle_and_log,
        )
    )
    serve(view)

    response = api.post(
        "/things/bulk/", [{"name": "a"}, {"name": "late"}, {"name": "b"}]
    )

    assert get_statuses(response) == [201, 400, 201]
    assert get_names() == ["a", "b"]
    assert get_log() == []
