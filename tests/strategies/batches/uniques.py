"""Batches of values that are unique, alone or together."""

from __future__ import annotations

from tests.answers import op
from tests.strategies.batches.base import EXACT, Rows, Sent, product, sends


@sends
def values_freed_and_claimed(rows: Rows) -> Sent:
    one, two, three, *_ = (each.pk for each in rows.products)
    return Sent(
        "products",
        [
            op("POST", data=product("p0", rows)),
            op("PATCH", one, {"sku": "free"}),
            op("POST", data=product("p0", rows)),
            op("POST", data=product("p0", rows)),
            op("DELETE", two),
            op("PATCH", three, {"sku": "p1"}),
            op("POST", data=product("p2", rows)),
            op("POST", data=product("p1", rows)),
        ],
        [400, 200, 201, 400, 204, 200, 201, 400],
    )


@sends
def values_swapped(rows: Rows) -> Sent:
    one, two, three, *_ = (each.pk for each in rows.products)
    return Sent(
        "products",
        [
            op("PATCH", one, {"sku": "p1"}),
            op("PATCH", one, {"sku": "x"}),
            op("PATCH", two, {"sku": "p0"}),
            op("PATCH", three, {"sku": "p1"}),
            op("PATCH", one, {"sku": "p2"}),
            op("PATCH", one, {"sku": "p0"}),
        ],
        [400, 200, 200, 200, 200, 400],
        is_set=False,
    )


@sends
def values_moved_up(rows: Rows) -> Sent:
    """Each takes what the one after it lets go of, too late."""
    keys = [each.pk for each in rows.products]
    return Sent(
        "products",
        [
            op("PATCH", keys[index], {"sku": f"p{index + 1}" if index < 5 else "p0"})
            for index in range(6)
        ],
        [400] * 6,
        is_set=False,
    )


@sends
def values_moved_down(rows: Rows) -> Sent:
    """Each takes what the one before it let go of."""
    keys = [each.pk for each in rows.products]
    return Sent(
        "products",
        [
            op("PATCH", keys[index], {"sku": f"p{index + 1}" if index < 5 else "p6"})
            for index in reversed(range(6))
        ],
        [200] * 6,
    )


@sends
def odd_spellings(rows: Rows) -> Sent:
    """What is another value as sent, and the same as stored, or the other way."""
    return Sent(
        "products",
        [
            op("POST", data=product(1, rows)),
            op("POST", data=product("1", rows)),
            op("POST", data=product(" 1 ", rows)),
            op("POST", data=product(True, rows)),
            op("POST", data=product("x", rows, price=1)),
            op("POST", data=product("y", rows, price=" 2.5 ", stock="3")),
            op("POST", data=product("z", rows, price=3.25, stock=4.0)),
            op("POST", data=product("w", rows, category=str(rows.categories[0].pk))),
            op("POST", data=product("X", rows)),
            op("POST", data=product("x ", rows)),
        ],
        [201, 400, 400, 400, 201, 201, 201, 201, 201 if EXACT else 400, 400],
    )


@sends
def names_untrimmed(rows: Rows) -> Sent:
    names = [" a ", "a", "a ", " c0", "b", "\tb"]
    return Sent(
        "categories",
        [op("POST", data={"name": name}) for name in names],
        [201, 400, 400, 400, 201, 400],
    )


@sends
def unique_together(rows: Rows) -> Sent:
    first, second, _ = (each.pk for each in rows.shelves)
    return Sent(
        "places",
        [
            op("POST", data={"shelf": first, "position": 1}),
            op("POST", data={"shelf": first, "position": 0}),
            op("POST", data={"shelf": first, "position": 0}),
            op("POST", data={"shelf": first, "position": "0"}),
            op("POST", data={"shelf": second, "position": None}),
            op("POST", data={"shelf": second, "position": None, "width": 3}),
            op("POST", data={"shelf": None, "position": 1, "width": 5}),
            op("POST", data={"position": 1}),
            op("POST", data={"shelf": second, "position": 1}),
            op("POST", data={"shelf": second, "position": 5, "width": 9}),
            op("POST", data={"shelf": first, "position": 5, "width": 9}),
        ],
        [400, 201, 400, 400, 201, 201, 201, 201, 201, 201, 400],
    )


@sends
def unique_together_changed(rows: Rows) -> Sent:
    taken, null, shelfless, other, last = (each.pk for each in rows.places)
    first, second, third = (each.pk for each in rows.shelves)
    return Sent(
        "places",
        [
            op("PATCH", null, {"shelf": first, "position": 1}),
            op("PATCH", shelfless, {"shelf": first}),
            op("PATCH", taken, {"shelf": first, "position": 3}),
            op("PATCH", other, {"shelf": third}),
            op("PATCH", last, {"shelf": first, "position": 1}),
            op("PATCH", null, {"shelf": first, "position": 2, "width": 4}),
            op("PATCH", taken, {"position": None}),
            op("PATCH", other, {"position": None}),
            op("PUT", other, {"shelf": third, "position": 9, "width": 8}),
            op("PUT", last, {"shelf": first, "position": 9, "width": 8}),
            op("PUT", shelfless, {"shelf": second, "width": 2, "depth": 3}),
        ],
        [400, 400, 200, 200, 200, 200, 200, 200, 200, 400, 409],
    )
