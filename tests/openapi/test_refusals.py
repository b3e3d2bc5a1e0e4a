"""The refusals of a request as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework import (
    authentication,
    permissions,
    throttling,
)
from rest_framework.test import APIClient
from rest_framework.views import exception_handler

from multistatus_app.throttling import BulkRateThrottle
from tests.openapi.documents import (
    Schema,
    Stock,
    add_bulk,
    generate,
    get_batch,
    get_bulk,
    get_patterns,
    get_validator,
    resolve,
)
from tests.xml import parse

pytestmark = pytest.mark.once


class Throttle(throttling.AnonRateThrottle):
    rate = "1/min"


class BulkThrottle(BulkRateThrottle):
    rate = "1/min"


class Admins(permissions.BasePermission):
    pass


ANYBODY: dict[str, Any] = {"authentication_classes": [], "permission_classes": []}


@pytest.mark.parametrize(
    ("members", "statuses"),
    [
        (ANYBODY, []),
        # It is asked for each operation, and refuses none of the others.
        (ANYBODY | {"throttle_classes": [Throttle]}, []),
        (ANYBODY | {"throttle_classes": [Throttle, BulkThrottle]}, ["429"]),
        (ANYBODY | {"permission_classes": [permissions.AllowAny]}, []),
        (ANYBODY | {"permission_classes": [permissions.IsAuthenticated]}, ["403"]),
        ({"authentication_classes": [authentication.BasicAuthentication]}, ["401"]),
        ({"authentication_classes": [authentication.SessionAuthentication]}, ["403"]),
        (
            {
                "authentication_classes": [authentication.BasicAuthentication],
                "permission_classes": [permissions.IsAuthenticated],
            },
            ["401"],
        ),
        (
            {
                "authentication_classes": [authentication.BasicAuthentication],
                "permission_classes": [Admins],
            },
            ["401", "403"],
        ),
    ],
)
def test_refusals(members: dict[str, Any], statuses: list[str]) -> None:
    viewset = type("Guarded", (add_bulk(Stock),), members)
    schema = generate(get_patterns(things=viewset))

    always = ["207", "400", "406", "413", "415", "503"]
    for operation in (get_bulk(schema), get_batch(schema)):
        assert sorted(operation["responses"]) == sorted([*always, *statuses])


def test_permissions_by_action() -> None:
    class Guarded(add_bulk(Stock)):  # type: ignore[misc]
        authentication_classes = [authentication.BasicAuthentication]

        def get_permissions(self) -> list[Any]:
            if self.action == "destroy":
                return [Admins()]
            return [permissions.AllowAny()]

    schema = generate(get_patterns(things=Guarded))

    assert "403" not in get_bulk(schema, "post")["responses"]
    assert "403" in get_bulk(schema, "delete")["responses"]
    assert "403" in get_batch(schema)["responses"]
    assert get_bulk(schema, "post")["security"] == [{"basicAuth": []}, {}]
    assert get_bulk(schema, "delete")["security"] == [{"basicAuth": []}]


def test_refusal() -> None:
    schema = generate(get_patterns(things=add_bulk(Stock)))

    refusal = get_bulk(schema)["responses"]["413"]
    assert refusal == {"$ref": "#/components/responses/MultiStatus413"}
    content = resolve(schema, refusal)["content"]
    assert content["application/json"] == {
        "schema": {"$ref": "#/components/schemas/MultiStatusRefusal"},
        "examples": {
            "Refused": {
                "value": {
                    "detail": "The request holds 1001 operations, the limit is 1000. "
                    "Send them in several requests."
                }
            }
        },
    }
    assert content["application/xml"]["schema"] == {
        "$ref": "#/components/schemas/MultiStatusXmlRefusal"
    }
    assert_refusal_xml(content["application/xml"]["examples"]["Refused"]["value"])


def assert_refusal_xml(document: str) -> None:
    root = parse(document.encode())
    assert root.tag == "{DAV:}error"
    assert root[0].tag == "{urn:multistatus}too_many_operations"


def test_refusal_by_the_projects_own_handler() -> None:
    def handle(exc: Exception, context: Any) -> Any:
        return exception_handler(exc, context)

    class Own(add_bulk(Stock)):  # type: ignore[misc]
        def get_exception_handler(self) -> Any:
            return handle

    schema = generate(get_patterns(things=Own))

    content = resolve(schema, get_bulk(schema)["responses"]["400"])["content"]
    assert content["application/json"]["schema"] == {
        "type": "object",
        "additionalProperties": {},
    }


@pytest.mark.django_db
def test_refusals_are_answered_as_documented(served: Callable[[Any], Schema]) -> None:
    schema = served(add_bulk(Stock))
    client = APIClient()
    refused = {
        "400": client.post("/api/things/bulk/", [], format="json"),
        "406": client.post("/api/things/bulk/", [], format="json", HTTP_ACCEPT="a/b"),
        "413": client.post("/api/things/bulk/", [{}] * 1001, format="json"),
        "415": client.post("/api/things/bulk/", "[]", content_type="text/csv"),
    }

    validate = get_validator(schema, read=True)
    for status, response in refused.items():
        documented = resolve(schema, get_bulk(schema)["responses"][status])
        content = documented["content"]["application/json"]
        assert response.status_code == int(status)
        validate(response.json(), content["schema"])
        for example in content.get("examples", {}).values():
            assert response.json() == example["value"]
