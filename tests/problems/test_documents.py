"""Documents of a project → code, messages and their pointers."""

from __future__ import annotations

from typing import Any

import pytest

from multistatus_app import problems
from multistatus_app.outcomes import Problem
from tests.problems.explaining import E

pytestmark = pytest.mark.once

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
