"""Batches of keys: twice, in odd types, made earlier, and of their own."""

from __future__ import annotations

from uuid import UUID

from tests.answers import op
from tests.shop.models import Parcel
from tests.strategies.batches.base import FIRST_KEY, Rows, Sent, product, sends


@sends
def keys_twice(rows: Rows) -> Sent:
    one, two, *_ = (each.pk for each in rows.products)
    return Sent(
        "products",
        [
            op("PATCH", one, {"stock": 1}),
            op("PATCH", two, {"stock": 2}),
            op("PATCH", one, {"name": "again"}),
            op("DELETE", one),
            op("PATCH", one, {"stock": 3}),
            op("DELETE", one),
            op("PUT", two, product("p1", rows)),
            op("DELETE", two),
        ],
        [200, 200, 200, 204, 404, 404, 200, 204],
    )


@sends
def deletes_twice(rows: Rows) -> Sent:
    one, two, three, *_ = (each.pk for each in rows.products)
    return Sent(
        "products",
        [op("DELETE", key) for key in (one, two, one, three, 0, two)],
        [204, 204, 404, 204, 404, 404],
    )


@sends
def flags_for_keys(rows: Rows) -> Sent:
    return Sent(
        "categories",
        [
            op("POST", data={"name": "a", "parent": rows.categories[0].pk}),
            op("POST", data={"name": "b", "parent": str(rows.categories[0].pk)}),
            op("POST", data={"name": "c", "parent": True}),
            op("POST", data={"name": "d", "parent": 0}),
            op("POST", data={"name": "e", "parent": ""}),
            op("POST", data={"name": "f", "parent": None}),
        ],
        [201, 201, 400, 400, 201, 201],
    )


@sends
def parents_made_earlier_by_key(rows: Rows) -> Sent:
    return Sent(
        "categories",
        [
            op("POST", data={"name": "child", "parent": FIRST_KEY}),
            op("POST", data={"name": "parent"}),
            op("POST", data={"name": "child", "parent": FIRST_KEY}),
            op("POST", data={"name": "grandchild", "parent": FIRST_KEY + 1}),
            op("POST", data={"name": "later", "parent": FIRST_KEY + 4}),
        ],
        [400, 201, 201, 201, 400],
    )


@sends
def parents_made_earlier_by_name(rows: Rows) -> Sent:
    c0 = rows.categories[0].pk
    return Sent(
        "named",
        [
            op("POST", data={"name": "child", "parent": "parent"}),
            op("POST", data={"name": "other", "parent": "c0"}),
            op("POST", data={"name": "parent"}),
            op("POST", data={"name": "child", "parent": "parent"}),
            op("PATCH", c0, {"name": "renamed"}),
            op("PATCH", rows.categories[1].pk, {"parent": "c0"}),
            op("PATCH", rows.categories[2].pk, {"parent": "renamed"}),
            op("POST", data={"name": "last", "parent": "c0"}),
            op("POST", data={"name": "c0", "parent": "renamed"}),
        ],
        [400, 201, 201, 201, 200, 400, 200, 400, 201],
        is_set=False,
    )


@sends
def made_and_changed_by_slug(rows: Rows) -> Sent:
    return Sent(
        "skus",
        [
            op("PATCH", "a", {"stock": 1}),
            op("POST", data=product("a", rows)),
            op("PATCH", "a", {"stock": 2}),
            op("PATCH", "p0", {"sku": "b"}),
            op("PATCH", "p0", {"stock": 3}),
            op("PATCH", "b", {"stock": 4}),
            op("DELETE", "p0"),
            op("DELETE", "b"),
            op("DELETE", "a"),
        ],
        [404, 201, 200, 200, 404, 200, 404, 204, 204],
    )


@sends
def renamed_in_one_method(rows: Rows) -> Sent:
    """A key that is missing at first is given to a row before it is asked for."""
    return Sent(
        "skus",
        [
            op("PATCH", "p1", {"sku": "q1"}),
            op("PATCH", "p0", {"sku": "q0"}),
            op("PATCH", "q0", {"stock": 3}),
            op("PATCH", "p0", {"stock": 4}),
            op("PATCH", "none", {"stock": 4}),
        ],
        [200, 200, 200, 404, 404],
    )


@sends
def keys_of_their_own(rows: Rows) -> Sent:
    one, two, three = (str(UUID(int=place)) for place in (1, 2, 3))
    Parcel.objects.create(pk=one, label="old")
    return Sent(
        "parcels",
        [
            op("POST", data={"id": two, "label": "a"}),
            op("POST", data={"id": one, "label": "b"}),
            op("POST", data={"id": three.replace("-", ""), "label": "c"}),
            op("POST", data={"id": three, "label": "d"}),
            op("POST", data={"id": "", "label": "e"}),
            op("PUT", two, {"id": two, "label": "changed"}),
            op("PATCH", three, {"label": "changed"}),
            op("PATCH", one, {"id": str(UUID(int=4))}),
            op("DELETE", three),
        ],
        [201, 400, 201, 400, 400, 200, 200, 200, 204],
    )
