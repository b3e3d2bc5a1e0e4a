"""How the tests of reading read."""

from __future__ import annotations

from multistatus_app.formats import dav
from tests.formats.dav.writing import NAMESPACES


def parse(body, *, max_depth=10, charset=None):
    return dav.parse(body, max_depth=max_depth, charset=charset)


def read(content):
    return dav.read_value(parse(f"<m:item {NAMESPACES}>{content}</m:item>".encode()))
