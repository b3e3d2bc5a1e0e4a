"""Pointers of errors: a client may name a member as it likes."""

from __future__ import annotations

import pytest

from multistatus_app.problems import messages, to_pointer

pytestmark = pytest.mark.once


def test_a_name_that_is_too_long_is_not_escaped_first() -> None:
    """Each character may become twelve."""
    messages._escape.cache_clear()

    assert to_pointer(("a", "/" * messages.MAX_POINTER)) == "#/a"
    assert messages._escape.cache_info().misses == 0
