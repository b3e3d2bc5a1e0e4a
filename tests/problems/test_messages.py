"""Messages of validation errors, and their pointers."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import exceptions as django
from django.http import Http404
from rest_framework import exceptions
from rest_framework.test import APIClient

from multistatus_app import problems
from multistatus_app.outcomes import Problem
from tests.answers import get_results
from tests.problems.explaining import E, explain

pytestmark = pytest.mark.once


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
