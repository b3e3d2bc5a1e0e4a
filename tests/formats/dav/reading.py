"""How the tests of reading read."""

from __future__ import annotations

from multistatus_app.formats.dav import reading
from tests.formats.dav.writing import NAMESPACES


def parse(body, *, max_depth=10, charset=None):
    return reading.parse(body, max_depth=max_depth, charset=charset)


def read(content):
    return reading.read_value(
        parse(f"<m:item {NAMESPACES}>{content}</m:item>".encode())
    )
