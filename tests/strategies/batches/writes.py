"""Batches that create and change, and that mix methods."""

from __future__ import annotations

from tests.answers import op
from tests.strategies.batches.base import FIRST_KEY, Rows, Sent, product, sends


@sends
def creates(rows: Rows) -> Sent:
    tags = [each.pk for each in rows.tags]
    return Sent(
        "products",
        [
            op("POST", data=product("a", rows, tags=tags)),
            op("POST", data=product("b", rows, tags=tags[1:], stock=7)),
            op("POST", data=product("c", rows, attributes={"size": [1, None]})),
            op("POST", data=product("d", rows, tags=[tags[0], tags[0]])),
            op("POST", data=product("e", rows, category=rows.categories[2].pk)),
        ],
        [201] * 5,
    )


@sends
def creates_refused_by_validation(rows: Rows) -> Sent:
    return Sent(
        "products",
        [
            op("POST", data=product("a", rows)),
            op("POST", data=product("b c", rows)),
            op("POST", data=product("d", rows, price="1.005")),
            op("POST", data=product("e", rows, price=None)),
            op("POST", data=product("f", rows, category=0)),
            op("POST", data=product("g", rows, tags=[rows.tags[0].pk, 0])),
            op("POST", data=product("p0", rows)),
            op("POST", data={}),
            op("POST", data=[]),
            op("POST", data=product("h", rows, stock=-1)),
            op("POST", data=product("i", rows, stock=True)),
            op("POST", data=product("j", rows, category=True)),
            op("POST", data=product("k", rows)),
        ],
        [201, *[400] * 11, 201],
    )


@sends
def creates_refused_by_the_database(rows: Rows) -> Sent:
    return Sent(
        "products",
        [
            op("POST", data=product("a", rows, price="-1.00")),
            op("POST", data=product("b", rows, tags=[rows.tags[0].pk])),
            op("POST", data=product("c", rows, price="-2.00", tags=[rows.tags[0].pk])),
            op("POST", data=product("d", rows)),
            op("POST", data=product("a", rows)),
        ],
        [409, 201, 409, 201, 201],
    )


@sends
def creates_that_an_expression_refuses(rows: Rows) -> Sent:
    names = ["A", "b", "a", "T1", "B", "c", " c ", "C"]
    return Sent(
        "tags",
        [op("POST", data={"name": name}) for name in names],
        [201, 201, 409, 409, 409, 201, 409, 409],
    )


@sends
def puts(rows: Rows) -> Sent:
    return Sent(
        "products",
        [
            op("PUT", each.pk, product(f"new-{index}", rows, stock=index, tags=tags))
            for index, (each, tags) in enumerate(
                zip(
                    rows.products,
                    [[], [rows.tags[0].pk], [rows.tags[2].pk], [], [], []],
                    strict=True,
                )
            )
        ],
        [200] * 6,
    )


@sends
def patches(rows: Rows) -> Sent:
    one, two, three, *_ = (each.pk for each in rows.products)
    return Sent(
        "products",
        [
            op("PATCH", one, {"name": "new"}),
            op("PATCH", two, {"price": "3.00", "stock": 4}),
            op("PATCH", 0, {"name": "nobody"}),
            op("PATCH", three, {"tags": [rows.tags[2].pk, rows.tags[0].pk]}),
            op("PATCH", "x", {"name": "nobody"}),
        ],
        [200, 200, 404, 200, 404],
    )


@sends
def patches_that_are_refused(rows: Rows) -> Sent:
    keys = [each.pk for each in rows.products]
    return Sent(
        "products",
        [
            op("PATCH", keys[0], {"price": "-1.00"}),
            op("PATCH", keys[1], {"price": "-1.00", "tags": []}),
            op("PATCH", keys[2], {"price": "2.00", "tags": []}),
            op("PATCH", keys[3], {"sku": "p0"}),
            op("PATCH", keys[4], {"sku": "p4", "stock": 9}),
            op("PATCH", keys[5], {"stock": -9}),
        ],
        [409, 409, 200, 400, 200, 400],
    )


@sends
def methods_mixed(rows: Rows) -> Sent:
    one, two, three, four, *_ = (each.pk for each in rows.products)
    return Sent(
        "products",
        [
            op("POST", data=product("a", rows)),
            op("DELETE", one),
            op("POST", data=product("p0", rows, tags=[rows.tags[0].pk])),
            op("PATCH", FIRST_KEY, {"sku": "p1"}),
            op("PATCH", two, {"sku": "a"}),
            op("PATCH", FIRST_KEY, {"sku": "b"}),
            op("PATCH", two, {"sku": "a"}),
            op("PUT", three, product("p1", rows, tags=[])),
            op("DELETE", FIRST_KEY),
            op("POST", data=product("b", rows)),
            op("DELETE", four),
            op("POST", data=product("p3", rows, price="-1.00")),
            op("POST", data=product("p3", rows)),
        ],
        [201, 204, 201, 400, 400, 200, 200, 200, 204, 201, 204, 409, 201],
    )


@sends
def malformed(rows: Rows) -> Sent:
    return Sent(
        "products",
        [
            op("POST", data=product("a", rows)),
            op("TRACE"),
            op("POST"),
            op("PATCH", rows.products[0].pk, {"stock": 1}, if_match='"no"'),
            op("PATCH", rows.products[0].pk, {"stock": 2}),
            op("PATCH", "a/b", {"stock": 2}),
            op("POST", data=product("b", rows), ref="b"),
        ],
        [201, 400, 400, 412, 200, 404, 201],
    )
