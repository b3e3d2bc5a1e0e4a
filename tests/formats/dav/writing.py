"""What the tests of `DAV:multistatus` write, and how they read it."""

from __future__ import annotations

from multistatus_app.formats.dav import writing
from multistatus_app.outcomes import ABSENT, MultiStatus, Operation, Outcome, Problem
from tests.xml import D, M, validate

BASE = "/api/cities/bulk/"
NAMESPACES = 'xmlns:m="urn:multistatus" xmlns:f="urn:multistatus:fields"'


def write(*outcomes, base_path=BASE, committed=True):
    document = MultiStatus(outcomes=outcomes, committed=committed)
    return "".join(writing.write_multistatus(document, base_path=base_path)).encode()


def success(index=0, *, status=200, method="PATCH", data=ABSENT, href="/api/cities/1/"):
    operation = Operation(index=index, method=method)
    return Outcome(operation=operation, status=status, href=href, data=data)


def failure(index=0, *, status=400, errors=(), data=ABSENT, **members):
    members = {"code": "invalid", "detail": "It is not valid.", "href": None} | members
    code, detail = members.pop("code"), members.pop("detail")
    return Outcome(
        operation=Operation(index=index, method="PATCH", data=data),
        status=status,
        problem=Problem(code=code, detail=detail),
        errors=errors,
        **members,
    )


def error(pointer, code="required", detail="Give it."):
    return Problem(code=code, detail=detail, pointer=pointer)


def get_response(content, index=0):
    return validate(content).findall(f"{D}response")[index]


def get_hrefs(content):
    return [each.text for each in validate(content).iterfind(f"{D}response/{D}href")]


def get_data(value):
    """Return the `m:data` of a success."""
    element = get_response(write(success(data=value))).find(f"{M}data")
    assert element is not None
    return element
