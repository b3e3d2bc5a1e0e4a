"""What the databases of the tests are, and what is committed in them."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.shop.models import Category

needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="PostgreSQL's own."
)


def get_categories() -> list[str]:
    """Return what is committed."""
    assert not connection.in_atomic_block
    return sorted(Category.objects.values_list("name", flat=True))
