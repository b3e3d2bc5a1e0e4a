"""The formats of requests and answers."""

from __future__ import annotations

JSON = "application/json"
XML = "application/xml"
NAMESPACES = 'xmlns:m="urn:multistatus" xmlns="urn:multistatus:fields"'
