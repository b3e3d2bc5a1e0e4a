"""Requests with a body, and the documents in them."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from multistatus_app.formats.negotiation import BulkContentNegotiation, get_bulk_parsers
from multistatus_app.requests import bodies

FORM = "application/x-www-form-urlencoded"
UNTOLD = ["", "text/plain", "TEXT/PLAIN; charset=utf-8", FORM, f"{FORM}; charset=utf-8"]


def make_request(body: bytes, content_type: str, **headers: str) -> Any:
    return APIRequestFactory().generic(
        "POST", "/", body, content_type=content_type, headers=headers
    )


def read(body: bytes, content_type: str, **headers: str) -> Any:
    request = Request(
        make_request(body, content_type, **headers),
        parsers=get_bulk_parsers([]),
        negotiator=BulkContentNegotiation(),
    )
    return bodies.read(request)
