"""How many queries a batch asks."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.answers import get_statuses


def count_queries(api: APIClient, method: str, path: str, body: Any) -> int:
    """Return how many statements a request takes that succeeds."""
    assert connection.features.supports_json_field  # Django asks once per process
    with CaptureQueriesContext(connection) as queries:
        response = getattr(api, method)(path, body)
    assert {each // 100 for each in get_statuses(response)} == {2}
    return len(queries)


COUNTS = (10, 60)
