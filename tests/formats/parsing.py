"""Requests in XML, and what the parsers make of them."""

from __future__ import annotations

import io

from multistatus_app.formats.xml import MultiStatusXMLParser

NAMESPACES = (
    'xmlns:m="urn:multistatus" xmlns="urn:multistatus:fields" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def parse(body, *, media_type="application/xml"):
    body = body if isinstance(body, bytes) else body.encode()
    return MultiStatusXMLParser().parse(io.BytesIO(body), media_type, {})


def bulk(content):
    return parse(f"<m:bulk {NAMESPACES}>{content}</m:bulk>")


def batch(content):
    return parse(f"<m:batch {NAMESPACES}>{content}</m:batch>")["operations"]
