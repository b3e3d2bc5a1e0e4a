"""Keys that no row has: each is the failure of one operation among good ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from tests.factories import CategoryFactory, TagFactory
from tests.hostile.asking import FORMATS, SURROGATE, get_statuses, send
from tests.shop.models import Category, Tag

pytestmark = pytest.mark.django_db

HOSTILE_KEYS: list[tuple[Any, int]] = [
    ({}, 400),
    ([], 400),
    (True, 400),
    (1.5, 400),
    (None, 400),
    (float("1e300"), 400),
    (0, 404),
    (-1, 404),
    (2**63, 404),
    (2**64, 404),
    (int("9" * 4000), 404),
    ("9" * 5000, 404),
    ("\0", 404),
    (SURROGATE, 404),
    (f"1{SURROGATE}", 404),
    ("\udfff\ud800", 404),
    ("", 404),
    (" ", 404),
    (".", 404),
    ("..", 404),
    ("../", 404),
    ("../../admin/", 404),
    ("%2e%2e", 404),
    ("bulk", 404),
    ("batch", 404),
    ("bulk/", 404),
    ("1?atomic=true", 404),
    ("1#", 404),
    ("1;2", 404),
    ("1.0", 404),
    ("0x1", 404),
    ("NaN", 404),
    ("a\tb\x0b\x1f\r\n", 404),
    ("\ufffe]]>&<", 404),
    ("x" * 100_000, 404),
]


class TestKeys:
    """A key is one operation's, whatever it is."""

    @FORMATS
    def test_delete(self, accept: str) -> None:
        first, last = TagFactory(), TagFactory()
        keys = [first.pk, *(key for key, _ in HOSTILE_KEYS), last.pk]
        response = send(
            "/api/tags/bulk/", json.dumps(keys), method="DELETE", HTTP_ACCEPT=accept
        )

        expected = [status for _, status in HOSTILE_KEYS]
        assert get_statuses(response) == [204, *expected, 204]
        assert not Tag.objects.exists()

    @FORMATS
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_update(self, method: str, accept: str) -> None:
        tags = [TagFactory(), TagFactory()]
        keys = [tags[0].pk, *(key for key, _ in HOSTILE_KEYS), tags[1].pk]
        body = [{"id": key, "name": f"new{index}"} for index, key in enumerate(keys)]
        response = send(
            "/api/tags/bulk/", json.dumps(body), method=method, HTTP_ACCEPT=accept
        )

        expected = [status for _, status in HOSTILE_KEYS]
        assert get_statuses(response) == [200, *expected, 200]
        assert sorted(Tag.objects.values_list("name", flat=True)) == [
            "new0",
            f"new{len(keys) - 1}",
        ]

    @FORMATS
    def test_batch(self, accept: str) -> None:
        operations = [
            {"method": "PATCH", "key": key, "data": {"name": "new"}}
            for key, _ in HOSTILE_KEYS
        ]
        good = {"method": "POST", "data": {"name": "good"}}
        body = json.dumps({"operations": [*operations, good]})
        response = send("/api/tags/batch/", body, HTTP_ACCEPT=accept)

        assert get_statuses(response) == [*(status for _, status in HOSTILE_KEYS), 201]
        assert Tag.objects.get().name == "good"

    @pytest.mark.parametrize(
        "path",
        ["/api/parcels/bulk/", "/api/skus/bulk/", "/v2/products/bulk", "/nested/"],
    )
    def test_other_lookups(self, path: str) -> None:
        category = CategoryFactory()
        if path == "/nested/":
            path = f"/nested/categories/{category.pk}/products/bulk/"
        expected = [
            # PostgreSQL has no NUL in a text; the single endpoint is a 500, too.
            500
            if connection.vendor == "postgresql" and "skus" in path and key == "\0"
            else status
            for key, status in HOSTILE_KEYS
        ]
        keys = [key for key, _ in HOSTILE_KEYS]
        response = send(path, json.dumps(keys), method="DELETE")

        assert get_statuses(response) == expected
        assert Category.objects.get() == category

    def test_fail_surrogate_alone(self) -> None:
        """Alone, too: then there is no fetch of all targets at once."""
        response = send("/api/tags/bulk/", json.dumps([SURROGATE]), method="DELETE")

        assert response.status_code == 207
        (result,) = response.json()["results"]
        assert result == {
            "index": 0,
            "method": "DELETE",
            "status": 404,
            "error": {
                "status": 404,
                "title": "Not Found",
                "code": "not_found",
                "detail": "No resource has the key '\\ud800'.",
            },
        }
