"""What the tests of hostile requests send, and how they read what is answered."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import pytest
from rest_framework.test import APIClient

from tests.xml import D, get_facts, get_json_facts, parse

JSON = "application/json"
XML = "application/xml"
FORMATS = pytest.mark.parametrize("accept", [JSON, XML])
NAMESPACES = 'xmlns:m="urn:multistatus" xmlns="urn:multistatus:fields"'
SURROGATE = "\ud800"


def send(
    path: str,
    body: str | bytes,
    *,
    method: str = "POST",
    content_type: str = JSON,
    **extra: str,
) -> Any:
    """Send a body as it is; a 500 is an answer, as for real clients."""
    client = APIClient(raise_request_exception=False)
    return client.generic(method, path, body, content_type=content_type, **extra)


def xml_bulk(name: str, *, before: str = "") -> str:
    """Return a bulk request with one tag."""
    item = f"<m:item><name>{name}</name></m:item>"
    return f"{before}<m:bulk {NAMESPACES}>{item}</m:bulk>"


def get_refusal(response: Any) -> str:
    """Return the sentence of a refusal, in either format."""
    if response["Content-Type"] == JSON:
        detail: str = response.json()["detail"]
        return detail
    root = parse(response.content)
    assert root.tag == f"{D}error"
    return get_description(root)


def get_description(element: Element) -> str:
    """Return the text of a `DAV:responsedescription`."""
    text = element.findtext(f"{D}responsedescription")
    assert text is not None
    return text


def get_statuses(response: Any) -> list[int]:
    """Return the status of each operation; XML is validated."""
    assert response.status_code == 207, response.content
    if response["Content-Type"] == JSON:
        facts = get_json_facts(response.json())
    else:
        facts = get_facts(response.content)
    assert facts["summary"]["total"] == len(facts["results"])
    assert [each["index"] for each in facts["results"]] == list(
        range(len(facts["results"]))
    )
    return [each["status"] for each in facts["results"]]
