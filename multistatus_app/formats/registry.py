"""The formats of our routes, and the format of a request."""

from __future__ import annotations

import re
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from django.http.request import RawPostDataException

from multistatus_app.formats.base import Format, get_base_type
from multistatus_app.formats.json import JSON
from multistatus_app.formats.xml import XML

FORMATS: Final[tuple[Format, ...]] = (JSON, XML)

# The types that clients send by default: runserver, `curl -d @file` and PHP.
_UNTOLD: Final = frozenset({"", "text/plain", "application/x-www-form-urlencoded"})
# Headers that a page of another site, or a user's session, always sends.
_OF_BROWSERS: Final = ("Cookie", "Origin", "Sec-Fetch-Site")
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_BEGINNING: Final = 1024  # bytes
_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+(.)", re.DOTALL)


def get_request_format(request: HttpRequest) -> Format | None:
    """Return the format of a request, or None if it is none of ours.

    A body without a media type, or with a client's default one, is recognized by its
    first character. This does not apply if a browser may have sent it for a page of
    another site.
    """
    media_type = request.META.get("CONTENT_TYPE", "")
    if get_base_type(media_type) not in _UNTOLD:
        return next((each for each in FORMATS if each.covers(media_type)), None)
    if any(map(request.headers.get, _OF_BROWSERS)):
        return None
    try:
        first = _get_first_character(_get_beginning(request))
    except (UnreadablePostError, RawPostDataException):
        return None  # `bodies.read` reports it
    return next((each for each in FORMATS if first in each.first_characters), None)


def _get_beginning(request: HttpRequest) -> bytes:
    """Return the body, or its beginning if it is too large."""
    try:
        return request.body
    except RequestDataTooBig:
        return request.read(_LONGEST_BEGINNING)


def _get_first_character(body: bytes) -> str:
    """Return the first character after a byte order mark and white space."""
    if body.startswith(_UTF_16_MARKS):
        return body.decode("utf-16", "replace").lstrip(" \t\r\n")[:1]
    match = _START.match(body)
    return match[1].decode("ascii", "replace") if match else ""
