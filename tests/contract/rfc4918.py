"""Sends what a client of RFC 4918 would, and reads what it would."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from multistatus_app.formats.dav.writing import write_multistatus
from multistatus_app.outcomes import MultiStatus, Operation, Outcome, Problem
from tests.contract.formats import NAMESPACES
from tests.xml import M, validate


def send(client: Any, prefix: str, operations: str, *, query: str = "") -> Any:
    response = client.post(
        f"/api/{prefix}/batch/{query}",
        f"<m:batch {NAMESPACES}>{operations}</m:batch>",
        content_type="application/xml",
        headers={"accept": "application/xml"},
    )
    assert response.status_code == 207, response.content
    return response


def get_statuses(root: Element) -> list[int]:
    return [int(each.attrib["status"]) for each in root.iter(f"{M}operation")]


def get_locked() -> Element:
    """The answer about a row that somebody else holds."""
    outcome = Outcome(
        operation=Operation(index=0, method="PATCH", key="1"),
        status=423,
        href="/api/products/1/",
        problem=Problem(code="locked", detail="Somebody else is changing it."),
    )
    document = MultiStatus(outcomes=(outcome,), committed=True)
    content = "".join(write_multistatus(document, base_path="/api/products/batch/"))
    return validate(content.encode())
