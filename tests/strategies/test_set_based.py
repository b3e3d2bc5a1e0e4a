"""Sets: few statements, and what is left is what one by one would have left."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from multistatus_app.sets import pending
from multistatus_app.settings import DEFAULTS
from tests.answers import get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import ProductFactory
from tests.shop.models import Parcel, Review
from tests.strategies.batches import BATCHES
from tests.strategies.batches.base import Rows, Sent, needs_exact, product
from tests.strategies.sending import send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("largest_sets")]


@pytest.mark.parametrize("name", BATCHES)
@needs_exact
def test_outcomes_and_rows_are_those_of_one_by_one(
    api: APIClient, serve: Serve, rows: Rows, in_sets: list[int], name: str
) -> None:
    sent = BATCHES[name](rows)

    singly = send(api, serve, sent, smallest=None)
    assert in_sets == []
    assert singly.statuses == sent.statuses
    assert send(api, serve, sent, smallest=1) == singly
    assert bool(in_sets) is sent.is_set
    assert send(api, serve, sent, smallest="default") == singly


REFUSED = {
    "first": [0], "middle": [9], "last": [19], "several": [3, 4, 5, 11, 19],
    "but one": [*range(7), *range(8, 20)], "all": list(range(20)),
}  # fmt: skip


@needs_exact
@pytest.mark.parametrize("places", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "expression", "DELETE"])
def test_what_the_database_refuses(
    api: APIClient,
    serve: Serve,
    rows: Rows,
    in_sets: list[int],
    method: str,
    places: list[int],
) -> None:
    """Some of twenty; and each is answered what it is answered singly."""
    products = ProductFactory.create_batch(20, category=rows.categories[0])
    refused = [place in places for place in range(20)]
    tags = [each.pk for each in rows.tags]
    where = "products"
    if method == "DELETE":
        Review.objects.bulk_create([Review(product=products[i]) for i in places])
        operations = [op("DELETE", each.pk) for each in products]
    elif method == "expression":
        where, method = "tags", "POST"
        operations = [
            op("POST", data={"name": "T0" if bad else f"n{index}"})
            for index, bad in enumerate(refused)
        ]
    else:
        operations = [
            op(
                method,
                *([] if method == "POST" else [old.pk]),
                data=product(f"n{index}", rows, tags=tags[index % 3 :])
                | {"price": "-1.00" if bad else "1.00"},
            )
            for index, (old, bad) in enumerate(zip(products, refused, strict=True))
        ]
    done = {"POST": 201, "DELETE": 204}.get(method, 200)
    sent = Sent(where, operations, [409 if bad else done for bad in refused])

    singly = send(api, serve, sent, smallest=None)

    assert singly.statuses == sent.statuses
    assert send(api, serve, sent, smallest=1) == singly
    assert in_sets == [20 - len(places)]


@needs_exact
@pytest.mark.parametrize(
    "query", ["?atomic=true", "?dry_run=true", "?atomic=1&dry_run=1"]
)
@pytest.mark.parametrize(
    "name", ["creates", "methods_mixed", "patches_that_are_refused"]
)
def test_options(
    api: APIClient, serve: Serve, rows: Rows, in_sets: list[int], name: str, query: str
) -> None:
    sent = BATCHES[name](rows)

    singly = send(api, serve, sent, smallest=None, query=query)

    assert send(api, serve, sent, smallest=1, query=query) == singly
    assert in_sets
    untouched = send(api, serve, Sent("products", [op("POST", data={})], [400]))
    kept = name == "creates" and query == "?atomic=true"
    assert (singly.tables == untouched.tables) is not kept


@needs_exact
def test_no_set_is_larger_than_the_largest(
    api: APIClient,
    serve: Serve,
    rows: Rows,
    in_sets: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pending, "LARGEST", 5)
    operations = [op("POST", data=product(f"n{index}", rows)) for index in range(12)]
    operations[7] = op("POST", data=product("n0", rows))
    operations[11] = op("POST", data=product("n11", rows, price="-1.00"))
    sent = Sent("products", operations, [*[201] * 7, 400, *[201] * 3, 409])

    singly = send(api, serve, sent, smallest=None)

    assert singly.statuses == sent.statuses
    assert send(api, serve, sent, smallest=1) == singly
    # The refusal counts: it waits for its turn.
    assert in_sets == [5, 4, 1]


def test_few_operations_are_no_set(
    api: APIClient, settings: Any, in_sets: list[int]
) -> None:
    settings.MULTISTATUS = {"MIN_SET_SIZE": 3}
    for count in (2, 3):
        body = [{"label": f"n{index}"} for index in range(count)]
        assert get_statuses(api.post("/api/parcels/bulk/", body)) == [201] * count

    assert in_sets == [3]


def test_default_smallest_set(
    api: APIClient, settings: Any, in_sets: list[int]
) -> None:
    del settings.MULTISTATUS
    smallest = DEFAULTS["MIN_SET_SIZE"]
    for count in (smallest - 1, smallest):
        body = [{"label": f"n{index}"} for index in range(count)]
        assert get_statuses(api.post("/api/parcels/bulk/", body)) == [201] * count

    assert in_sets == [smallest]


def test_minimal_answer(api: APIClient, in_sets: list[int]) -> None:
    response = api.post(
        "/api/parcels/bulk/",
        [{"label": "a"}, {"label": ""}, {"label": "b"}],
        headers={"Prefer": "return=minimal"},
    )

    assert response["Preference-Applied"] == "return=minimal"
    results = get_results(response)
    assert [each["status"] for each in results] == [201, 400, 201]
    keys = {Parcel.objects.get(label=label).pk for label in "ab"}
    assert {results[0]["href"], results[2]["href"]} == {
        f"/api/parcels/{key}/" for key in keys
    }
    assert [set(each) for each in results[::2]] == [
        {"index", "method", "status", "href"}
    ] * 2
    assert in_sets == [2]
