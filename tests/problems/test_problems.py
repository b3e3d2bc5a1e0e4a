"""Exceptions and documents → status, code, messages and their pointers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core import exceptions as django
from django.db import IntegrityError, InternalError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.exceptions import ErrorDetail
from rest_framework.test import APIClient

from multistatus_app import problems
from multistatus_app.outcomes import Problem
from tests.answers import get_results
from tests.shop.models import Product, Review, Tag

pytestmark = pytest.mark.once


def caused(exc: Exception, **attributes: Any) -> Exception:
    """Return an exception with what its driver's one has."""
    exc.__cause__ = type("DriverError", (Exception,), attributes)()
    return exc


def explain(exc: Exception) -> problems.Failure:
    """Explain what is expected."""
    failure = problems.explain(exc)
    assert failure is not None
    return failure


REFUSED = "The database refused it: it would break {}."
REFERENCED = "It cannot be deleted, because it is referenced{}."


@pytest.mark.parametrize(
    ("exc", "status", "code", "detail"),
    [
        (exceptions.NotFound(), 404, "not_found", "Not found."),
        (exceptions.NotFound("Gone.", "gone"), 404, "gone", "Gone."),
        (Http404(), 404, "not_found", "Not found."),
        (Http404("No City."), 404, "not_found", "No City."),
        (exceptions.PermissionDenied(), 403, "permission_denied",
         "You do not have permission to perform this action."),
        (django.PermissionDenied(), 403, "permission_denied",
         "You do not have permission to perform this action."),
        (django.PermissionDenied("Mine."), 403, "permission_denied", "Mine."),
        (exceptions.NotAuthenticated(), 401, "not_authenticated",
         "Authentication credentials were not provided."),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed",
         'Method "PUT" not allowed.'),
        (exceptions.APIException("x", code="y"), 500, "y", "x"),
        (django.BadRequest("secret"), 400, "bad_request",
         "The operation is not acceptable."),
        (django.SuspiciousOperation("secret"), 400, "bad_request",
         "The operation is not acceptable."),
        (django.DisallowedRedirect("secret"), 400, "bad_request",
         "The operation is not acceptable."),
        (caused(IntegrityError("x"), sqlstate="23505"), 409, "conflict",
         REFUSED.format("a unique constraint")),
        (caused(IntegrityError("x"), pgcode="23503"), 409, "conflict",
         REFUSED.format("a foreign key constraint")),
        (caused(IntegrityError("x"), sqlstate="23514"), 409, "conflict",
         REFUSED.format("a check constraint")),
        (caused(IntegrityError("x"), sqlstate="23502"), 409, "conflict",
         REFUSED.format("a not-null constraint")),
        (caused(IntegrityError("x"), sqlstate="23P01"), 409, "conflict",
         REFUSED.format("an exclusion constraint")),
        (IntegrityError(1062, "secret"), 409, "conflict",
         REFUSED.format("a unique constraint")),
        (IntegrityError(1452, "secret"), 409, "conflict",
         REFUSED.format("a foreign key constraint")),
        (IntegrityError(4025, "secret"), 409, "conflict",
         REFUSED.format("a check constraint")),
        (IntegrityError(1048, "secret"), 409, "conflict",
         REFUSED.format("a not-null constraint")),
        (IntegrityError("UNIQUE constraint failed: a.b"), 409, "conflict",
         REFUSED.format("a unique constraint")),
        (IntegrityError("FOREIGN KEY constraint failed"), 409, "conflict",
         REFUSED.format("a foreign key constraint")),
        (IntegrityError("CHECK constraint failed: a"), 409, "conflict",
         REFUSED.format("a check constraint")),
        (IntegrityError("NOT NULL constraint failed: a.b"), 409, "conflict",
         REFUSED.format("a not-null constraint")),
        (IntegrityError(), 409, "conflict", REFUSED.format("a constraint")),
        (ProtectedError("secret", {Review(pk=1), Tag(pk=1)}), 409, "protected",
         REFERENCED.format(" by: review, tag")),
        (RestrictedError("secret", {Review(pk=1), Review(pk=2)}), 409, "protected",
         REFERENCED.format(" by: review")),
        (ProtectedError("secret", set()), 409, "protected", REFERENCED.format("")),
    ],
)  # fmt: skip
def test_exception(exc: Exception, status: int, code: str, detail: str) -> None:
    assert explain(exc) == problems.Failure(
        status=status, problem=Problem(code=code, detail=detail)
    )


@pytest.mark.parametrize(
    "exc",
    [
        caused(OperationalError("x"), sqlstate="55P03"),
        OperationalError(1205, "secret"),
        OperationalError(3572, "secret"),
    ],
)
def test_lock_not_available(exc: Exception) -> None:
    assert explain(exc) == problems.Failure(
        status=423,
        problem=Problem(code="locked", detail="Somebody else is changing it just now."),
        retry_after=1,
    )


def test_throttled() -> None:
    assert explain(exceptions.Throttled(wait=6.2)) == problems.Failure(
        status=429,
        problem=Problem(
            code="throttled",
            detail="Request was throttled. Expected available in 7 seconds.",
        ),
        retry_after=7,
    )
    assert explain(exceptions.Throttled()).retry_after is None


@pytest.mark.parametrize(
    "exc",
    [
        RuntimeError("x"),
        OperationalError("x"),
        InternalError("x"),
        caused(OperationalError("x"), sqlstate="57P01"),
        AssertionError(),
        Product.DoesNotExist(),
    ],
)
def test_unexpected(exc: Exception) -> None:
    assert problems.explain(exc) is None


class Paid(exceptions.APIException):
    """A project's own, with a dict for its detail."""

    status_code = 402
    default_code = "payment"


def test_exceptions_of_a_project() -> None:
    class Unpaid(Paid):
        default_detail = "Pay first."

    class Torn(IntegrityError):
        pass

    assert explain(Unpaid()) == problems.Failure(
        status=402, problem=Problem(code="payment", detail="Pay first.")
    )
    assert explain(Torn("UNIQUE x")).status == 409
    assert explain(Paid({"card": ["Expired."], "sum": ErrorDetail("Low.", "low")})) == (
        problems.Failure(
            status=402,
            problem=Problem(code="payment", detail="2 fields are not valid."),
            errors=(
                Problem(code="payment", detail="Expired.", pointer="#/card"),
                Problem(code="low", detail="Low.", pointer="#/sum"),
            ),
        )
    )


E = ErrorDetail


@pytest.mark.parametrize(
    ("detail", "summary", "errors"),
    [
        ("Bad.", "Bad.", [("#", "invalid", "Bad.")]),
        (["Bad.", E("Worse.", "worse")], "The data is not valid.",
         [("#", "invalid", "Bad."), ("#", "worse", "Worse.")]),
        ({"a": ["x"]}, "1 field is not valid.", [("#/a", "invalid", "x")]),
        ({"a": ["x", "y"], "b": ["z"]}, "2 fields are not valid.",
         [("#/a", "invalid", "x"), ("#/a", "invalid", "y"), ("#/b", "invalid", "z")]),
        ({"non_field_errors": [E("x", "unique")]}, "x", [("#", "unique", "x")]),
        ({"non_field_errors": ["x"], "a": ["y"]}, "1 field is not valid.",
         [("#", "invalid", "x"), ("#/a", "invalid", "y")]),
        ({"a": {"b": {"c": ["x"]}}}, "1 field is not valid.",
         [("#/a/b/c", "invalid", "x")]),
        ({"a": {"non_field_errors": ["x"]}}, "1 field is not valid.",
         [("#/a", "invalid", "x")]),
        ({"lines": [{}, {"sku": ["x"]}]}, "1 field is not valid.",
         [("#/lines/1/sku", "invalid", "x")]),
        # DRF 3.18 gives a dict by index where it gave a padded list.
        ({"lines": {1: {"sku": ["x"]}}}, "1 field is not valid.",
         [("#/lines/1/sku", "invalid", "x")]),
        ({"tags": {0: ["x"], 2: ["y"]}}, "2 fields are not valid.",
         [("#/tags/0", "invalid", "x"), ("#/tags/2", "invalid", "y")]),
        ({"a/b": {"c~d": ["x"]}}, "1 field is not valid.",
         [("#/a~1b/c~0d", "invalid", "x")]),
        ({"ä b%\"#": ["x"]}, "1 field is not valid.",
         [("#/%C3%A4%20b%25%22%23", "invalid", "x")]),
        ({"": ["x"]}, "1 field is not valid.", [("#/", "invalid", "x")]),
    ],
)  # fmt: skip
def test_messages_of_a_validation_error(
    detail: Any, summary: str, errors: list[tuple[str, str, str]]
) -> None:
    assert explain(exceptions.ValidationError(detail)) == problems.Failure(
        status=400,
        problem=Problem(code="invalid", detail=summary),
        errors=tuple(
            Problem(code=code, detail=text, pointer=pointer)
            for pointer, code, text in errors
        ),
    )


@pytest.mark.parametrize(
    ("exc", "errors"),
    [
        (django.ValidationError("x"), [("#", "invalid", "x")]),
        (django.ValidationError("x %(a)s", "c", {"a": 1}), [("#", "c", "x 1")]),
        (django.ValidationError(["x", "y"]),
         [("#", "invalid", "x"), ("#", "invalid", "y")]),
        (django.ValidationError({"a": django.ValidationError("x", "c")}),
         [("#/a", "c", "x")]),
        (django.ValidationError({"__all__": ["x"]}), [("#", "invalid", "x")]),
    ],
)  # fmt: skip
def test_messages_of_a_validation_error_of_django(
    exc: Exception, errors: list[tuple[str, str, str]]
) -> None:
    failure = explain(exc)

    assert (failure.status, failure.problem.code) == (400, "invalid")
    assert failure.errors == tuple(
        Problem(code=code, detail=text, pointer=pointer)
        for pointer, code, text in errors
    )


class TestLimits:
    """What a client reads of one operation is bounded, whatever it sent."""

    @pytest.mark.parametrize(
        ("length", "told"), [(1000, "x" * 1000), (1001, "x" * 999 + "…")]
    )
    def test_detail(self, length: int, told: str) -> None:
        text = "x" * length

        assert explain(exceptions.NotFound(text)).problem.detail == told
        assert explain(Http404(text)).problem.detail == told
        assert problems.explain_document(409, {"detail": text}).problem.detail == told
        (error,) = explain(exceptions.ValidationError({"a": [text]})).errors
        assert error.detail == told
        (error,) = problems.invalid(
            (Problem(code="unknown", detail=text, pointer="#"),)
        ).errors
        assert error.detail == told

    @pytest.mark.parametrize(
        ("count", "more"),
        [
            (100, None),
            (101, "There is 1 more error."),
            (250, "There are 150 more errors."),
        ],
    )
    def test_errors(self, count: int, more: str | None) -> None:
        messages = {f"f{index}": ["x"] for index in range(count)}
        found = tuple(
            Problem(code="invalid", detail="x", pointer=f"#/f{index}")
            for index in range(count)
        )

        for failure in (
            explain(exceptions.ValidationError(messages)),
            problems.invalid(found),
            problems.explain_document(400, messages),
        ):
            assert failure.problem.detail == f"{count} fields are not valid."
            assert failure.errors[:100] == found[:100]
            assert [(each.code, each.detail, each.pointer) for each in
                    failure.errors[100:]] == (
                [] if more is None else [("more_errors", more, "#")]
            )  # fmt: skip

    def test_pointer(self) -> None:
        """It ends at the last member that fits: it is true, and it is short."""
        long = "k" * 1_000_000
        detail = {"meta": {long: {0: ["x"], 1: ["y"]}, "short": ["z"]}}

        assert [
            each.pointer for each in explain(exceptions.ValidationError(detail)).errors
        ] == ["#/meta", "#/meta", "#/meta/short"]


def test_pointers_in_the_names_of_the_client() -> None:
    def to_camel(path: tuple[str | int, ...]) -> str:
        first, *rest = (str(each).title().replace("_", "") for each in path)
        return "/".join(["#", first[0].lower() + first[1:], *rest])

    detail = {"country_code": ["x"], "lines": [{}, {"sku": ["y"]}]}
    failure = problems.explain(exceptions.ValidationError(detail), to_pointer=to_camel)

    assert failure is not None
    assert [each.pointer for each in failure.errors] == [
        "#/countryCode",
        "#/lines/1/Sku",
    ]
    again = problems.explain_document(400, detail, to_pointer=to_camel)
    assert again.errors == failure.errors


def test_refusal_never_raises() -> None:
    class Impossible(exceptions.APIException):
        detail = property(lambda self: 1 / 0, lambda self, value: None)

    assert problems.explain_refusal(Impossible()) == problems.get_unexpected()
    assert problems.explain_refusal(RuntimeError("x")) == problems.get_unexpected()
    assert problems.explain_refusal(Http404("x")).problem.detail == "x"


@pytest.mark.parametrize(
    ("token", "pointer"),
    [
        ("a", "#/a"),
        (0, "#/0"),
        ("~1", "#/~01"),
        ("/~", "#/~1~0"),
        ("\ud800", "#/%ED%A0%80"),
        ("$&'()*+,;=:@?!-._", "#/$&'()*+,;=:@?!-._"),
        ("<>^`{|}\\", "#/%3C%3E%5E%60%7B%7C%7D%5C"),
    ],
)
def test_pointer(token: Any, pointer: str) -> None:
    """RFC 6901 3 and 6: escaped, then as a URI fragment (RFC 3986 3.5) can carry it."""
    assert problems.get_pointer("#", token) == pointer


UNREAD = ("invalid", "The operation failed.", [])


@pytest.mark.parametrize(
    ("status", "document", "code", "detail", "errors"),
    [
        (404, None, "not_found", "The operation failed.", []),
        (409, {"detail": "x"}, "conflict", "x", []),
        (409, {"detail": E("x", "mine")}, "mine", "x", []),
        (409, {"message": "x", "code": "y"}, "y", "x", []),
        (422, {"title": "x"}, "error", "x", []),
        (400, {"a": ["x"]}, "invalid", "1 field is not valid.",
         [("#/a", "invalid", "x")]),
        (400, ["x"], "invalid", "x", [("#", "invalid", "x")]),
        (400, "x", "invalid", "x", [("#", "invalid", "x")]),
        (400, {"a": [E("x", "blank")], "b": {"c": E("y")}}, "invalid",
         "2 fields are not valid.", [("#/a", "blank", "x"), ("#/b/c", "invalid", "y")]),
        (400, {"lines": [{}, {"sku": ["x"]}]}, "invalid", "1 field is not valid.",
         [("#/lines/1/sku", "invalid", "x")]),
        (409, {"error": "x"}, "conflict", "x", []),
        (409, {"detail": "x", "code": 7}, "conflict", "x", []),
        # Documents of libraries and of projects: their members are no fields.
        (400, {"type": "validation_error", "errors": [
            {"code": "required", "detail": "x", "attr": "name"}]}, *UNREAD),
        (400, [{"detail": "x", "status": "400", "source": {"pointer": "/data"}}],
         *UNREAD),
        (400, {"success": False, "error": {"type": "Bug", "status": 500}}, *UNREAD),
        (400, {"name": ["x"], "status_code": 400}, *UNREAD),
        (400, {"name": "x"}, *UNREAD),
        (400, {"name": ["x", None]}, *UNREAD),
        (400, 7, *UNREAD),
        (400, b"x", *UNREAD),
        (423, {}, "locked", "The operation failed.", []),
        (429, "", "throttled", "The operation failed.", []),
    ],
)  # fmt: skip
def test_document_of_a_response(
    status: int, document: Any, code: str, detail: str, errors: Any
) -> None:
    assert problems.explain_document(status, document) == problems.Failure(
        status=status,
        problem=Problem(code=code, detail=detail),
        errors=tuple(Problem(code=b, detail=c, pointer=a) for a, b, c in errors),
    )


@pytest.mark.parametrize(
    ("exc", "ends"),
    [
        (caused(OperationalError("x"), sqlstate="40001"), True),
        (caused(OperationalError("x"), sqlstate="40P01"), True),
        (OperationalError(1213, "Deadlock found"), True),
        (OperationalError(1020, "Record has changed"), True),
        (OperationalError("database is locked"), True),
        (OperationalError("database table is locked"), True),
        (caused(OperationalError("x"), sqlstate="55P03"), False),
        (OperationalError(1205, "Lock wait timeout exceeded"), False),
        (IntegrityError("UNIQUE"), False),
        (RuntimeError("database is locked"), False),
        (SimpleNamespace(), False),
    ],
)
def test_ends_transaction(exc: Any, ends: bool) -> None:
    assert problems.ends_transaction(exc) is ends


@pytest.mark.django_db
def test_every_shape_of_a_serializer(api: APIClient) -> None:
    """From the request to the pointer, through DRF itself."""
    good = {
        "address": {"street": "A", "city": "B"},
        "lines": [{"sku": "a", "quantity": 1}],
        "labels": ["a"],
    }

    response = api.post(
        "/api/orders/bulk/",
        [
            {**good, "address": {"street": "x" * 21, "city": ""}},
            {**good, "address": {"street": "A", "city": "Nowhere"}},
            {**good, "address": None},
            {**good, "lines": [good["lines"][0], {"sku": "a b", "quantity": 0}, 7]},
            {**good, "lines": {}},
            {**good, "labels": ["a", "long", ""]},
            {**good, "counts": {"a/b": "x", "ok": 1}},
        ],
    )

    assert [
        [(each["pointer"], each["code"]) for each in result["error"]["errors"]]
        for result in get_results(response)
    ] == [
        [("#/address/street", "max_length"), ("#/address/city", "blank")],
        [("#/address", "nowhere")],
        [("#/address", "null")],
        [
            ("#/lines/1/sku", "invalid"),
            ("#/lines/1/quantity", "min_value"),
            ("#/lines/2", "invalid"),
        ],
        [("#/lines", "not_a_list")],
        [("#/labels/1", "max_length"), ("#/labels/2", "blank")],
        [("#/counts/a~1b", "invalid")],
    ]
