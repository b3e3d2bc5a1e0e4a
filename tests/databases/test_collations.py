"""Text that differs in Python, and by the collation of MariaDB perhaps does not."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from multistatus_app.databases.collations import are_distinct, can_tell
from multistatus_app.sets import uniques
from multistatus_app.testing import get_results
from tests.answers import get_statuses
from tests.factories import CategoryFactory, ProductFactory
from tests.shop.models import Product

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor != "mysql", reason="Text is compared there as in Python."
    ),
]

SKU = Product._meta.get_field("sku")


@pytest.mark.parametrize(
    ("texts", "distinct"),
    [
        ([], True),
        (["a"], True),
        (["a", "b", "a"], True),
        (["a", "A"], False),
        (["a", "á"], False),
        (["a", "a "], False),
        (["1", "01"], True),
        (['"', "\\", "'", "%s"], True),
        ([f"sku-{index}" for index in range(3000)], True),
    ],
)
def test_distinct(texts: list[str], distinct: bool) -> None:
    assert can_tell("default")
    assert are_distinct(SKU, texts, "default") is distinct


def create(api: APIClient, skus: list[str]) -> tuple[list[int], int]:
    """Return the statuses of creates, and how many statements inserted."""
    category = CategoryFactory().pk
    body = [
        {"sku": sku, "name": "n", "price": "1.00", "category": category} for sku in skus
    ]
    with CaptureQueriesContext(connection) as queries:
        response = api.post("/api/products/bulk/", body)
    inserts = [each for each in queries if each["sql"].startswith("INSERT")]
    assert len(get_results(response)) == len(skus)
    return get_statuses(response), len(inserts)


def test_texts_that_differ_are_written_together(api: APIClient) -> None:
    ProductFactory(sku="taken")

    statuses, inserts = create(api, ["a", "b", "taken", "c", "d"])

    assert statuses == [201, 201, 400, 201, 201]
    assert inserts == 1


@pytest.mark.parametrize(
    ("skus", "statuses"),
    [
        (["a", "b", "B", "c"], [201, 201, 400, 201]),
        (["a", "TAKEN", "b", "c"], [201, 400, 201, 201]),
    ],
)
def test_texts_that_may_be_equal_are_in_doubt(
    api: APIClient, skus: list[str], statuses: list[int]
) -> None:
    ProductFactory(sku="taken")

    assert create(api, skus) == (statuses, 3)


def test_what_cannot_be_asked_is_in_doubt(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> bool:
        raise DatabaseError

    monkeypatch.setattr(uniques, "are_distinct", refuse)

    assert create(api, ["a", "b", "c", "d"]) == ([201] * 4, 4)


def test_planted_collation_is_found(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were Python's equality taken for the database's, the answer would be another."""
    monkeypatch.setattr(uniques, "are_distinct", lambda *args: True)

    assert create(api, ["a", "b", "B", "c"])[0] == [201, 201, 409, 201]
