"""The small universe: rows to start from, keys and values that collide."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from tests.parity import models
from tests.parity.serializers import SERIALIZERS

UUIDS = [f"0000000{n}-0000-4000-8000-000000000000" for n in range(3)]

WORDS = [
    "late",
    "boom",
    "teapot",
    "denied",
    "gone",
    "django",
    "orphan",
    "frozen",
    "undo",
]
"""Texts at which a hook does something."""

SEED: list[tuple[Any, list[dict[str, Any]]]] = [
    (
        models.Shelf,
        [
            {"id": 1, "name": "top"},
            {"id": 2, "name": "low", "parent_id": 1},
            {"id": 3, "name": "old"},
            # The only one that nothing stands on; ids go on from 4.
            {"id": -1, "name": "far"},
        ],
    ),
    (
        models.Label,
        [{"id": 1, "name": "Red"}, {"id": 2, "name": "blue", "hidden": True}],
    ),
    (
        models.Book,
        [
            {"id": 1, "slug": "a", "title": "Ada", "shelf_id": 1, "owner_id": 1},
            {"id": 2, "slug": "b", "title": "Bel", "shelf_id": 2, "owner_id": 2},
            {"id": 3, "slug": "c", "title": "Ada", "shelf_id": 1, "archived": True},
        ],
    ),
    (models.Book.labels.through, [{"id": 1, "book_id": 1, "label_id": 1}]),
    (models.Loan, [{"id": 1, "book_id": 2, "text": "lent"}]),
    (models.Stub, [{"id": 1, "shelf_id": 3, "text": "x"}]),
    (models.Cover, [{"id": 1, "book_id": 1, "text": "red"}]),
    (
        models.Place,
        [
            {"id": 1, "shelf_id": 1, "position": 1, "width": 2, "depth": 1},
            {"id": 2, "shelf_id": 1, "position": 2, "width": 1, "depth": 1},
            {"id": 3, "shelf_id": 2, "position": None},
        ],
    ),
    (
        models.Ticket,
        [
            {"id": uuid.UUID(UUIDS[0]), "text": "t0"},
            {"id": uuid.UUID(UUIDS[1]), "text": "t1"},
        ],
    ),
    (
        models.Genre,
        [
            {"code": "X", "text": "x"},
            {"code": "Y", "text": "y", "broader_id": "X"},
        ],
    ),
    (
        models.Person,
        [
            {"id": 1, "name": "Zed"},
            {"id": 2, "name": "Amy"},
            {"id": 3, "name": "Ben"},
        ],
    ),
    (
        models.Author,
        [
            {"person_ptr_id": 2, "pen_name": "A"},
            {"person_ptr_id": 3, "pen_name": None},
        ],
    ),
    (models.Order, [{"id": 1, "text": "one"}]),
    (
        models.Line,
        [
            {"id": 1, "order_id": 1, "number": 1, "genre_id": "X"},
            {"id": 2, "order_id": 1, "number": 2},
        ],
    ),
    *(
        (
            model,
            [
                {"id": 1, "title": "ada", "owner_id": 1, "shelf_id": 1, "rank": 1},
                {"id": 2, "title": "ada", "owner_id": 2, "shelf_id": 1, "rank": 2},
                {"id": 3, "title": "bel", "owner_id": 1, "shelf_id": 2},
            ],
        )
        for model in (models.Memo, models.Jotting)
    ),
    (models.Memo.labels.through, [{"id": 1, "memo_id": 1, "label_id": 1}]),
    (models.Jotting.labels.through, [{"id": 1, "jotting_id": 1, "label_id": 2}]),
    (models.Audit, []),
]
"""Rows by model, parents first."""

NEXT_ID = 4
"""The id of the next row in every table."""

_IDS: list[Any] = [1, 2, 3, 4, "1", "2", "4"]
_BAD_IDS: list[Any] = [99, None, True, "x", "", 1.0, "1 ", [1], {"a": 1}, 2**70, "01"]
_TEXTS: list[Any] = ["Ada", "Bel", "ada", "Ada ", "x", "new"]
_BAD_TEXTS: list[Any] = ["", " ", None, True, 7, "y" * 21, ["x"], "\x00"]


@dataclass(frozen=True)
class Resource:
    """A model as a viewset shows it, and what clients say of it."""

    name: str
    model: Any
    text: str
    """The field at whose value hooks do something."""
    valid: dict[str, list[Any]]
    """Values that may be accepted, by field."""
    invalid: dict[str, list[Any]]
    """Values that are mostly not."""
    lookups: dict[str, tuple[dict[str, Any], list[Any]]]
    """Attributes of a viewset, and keys, by the name of a way to look up."""

    @property
    def serializers(self) -> dict[str, Any]:
        """Those there are, by name."""
        return SERIALIZERS[self.name]


_BY_PK: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "pk": (
        {},
        [1, 2, 3, 1, 2, 3, 4, 5, "1", "2", "04", "x", "1 ", "", "a/b", 2**70, "\x00"],
    )
}
_BY_INT = {
    "converter": ({"lookup_value_converter": "int"}, [1, 2, 3, 4, "1", "01", "x", "-1"])
}
_BY_ID = {
    "id": (
        {"lookup_field": "id", "lookup_url_kwarg": "thing_id"},
        [1, 2, 3, 4, "1", "x"],
    )
}


def _book(model: Any, name: str) -> Resource:
    return Resource(
        name=name,
        model=model,
        text="title",
        valid={
            "slug": ["a", "b", "c", "d", "A", "new"],
            "title": [*_TEXTS, *WORDS, "signal", "renames shelf", "lends"],
            "shelf": _IDS,
            "price": [1, "2.50", 0, -1, "3"],
            "labels": [[], [1], [1, 2], [2, 2], ["1"]],
            "extra": [{}, {"a": [1, None]}, [], "text", 1, None],
            "archived": [True, False, "true", 0],
            "owner": [1, 2, None],
        },
        invalid={
            "slug": ["", "a b", None, "a ", 1, True, "x" * 30],
            "title": _BAD_TEXTS,
            "shelf": [*_BAD_IDS, "top", "low"],
            "price": ["x", 1e9, None, "1.234", "NaN"],
            "labels": [[99], [None], 1, "1", None, [[1]], ["Red"], ["red"], [True]],
            "archived": [None, "maybe", 2],
            "scan": [None, "x", 1],
            "owner": [9, "x"],
        },
        lookups=_BY_PK
        | _BY_INT
        | _BY_ID
        | {
            "slug": (
                {"lookup_field": "slug"},
                ["a", "b", "c", "d", "A", "new", "a ", "x y", 1],
            ),
            "traversing": ({"lookup_field": "cover__text"}, ["red", "blue", "Red"]),
            "regex": ({"lookup_value_regex": "[0-9]+"}, [1, 2, 3, 4, "1", "x", "01"]),
        },
    )


def _noted(model: Any, name: str) -> Resource:
    return Resource(
        name=name,
        model=model,
        text="title",
        valid={
            "title": ["ada", "bel", "new", "Ada", *WORDS],
            "shelf": [1, 2, None, "1", "top", "low"],
            "rank": [1, 2, 3, None, "2"],
            "labels": [[], [1], [1, 2], [2, 2], ["Red"], ["blue", "Red"]],
            "owner": [1, 2, None],
        },
        invalid={
            "title": _BAD_TEXTS,
            "shelf": _BAD_IDS,
            "rank": ["", "x", True, 1.5, 2**70],
            "labels": [[99], [None], 1, None, ["red"], [[1]]],
            "owner": [9, "x"],
        },
        lookups=_BY_PK
        | _BY_ID
        | {"title": ({"lookup_field": "title"}, ["ada", "bel", "new", "Ada"])},
    )


RESOURCES: dict[str, Resource] = {
    each.name: each
    for each in (
        Resource(
            "shelf",
            models.Shelf,
            "name",
            {
                "name": ["top", "low", "old", "new", "Top", "top ", *WORDS],
                "parent": [*_IDS, None],
                "note": ["x", "", "y"],
            },
            {
                "name": _BAD_TEXTS,
                "parent": [
                    *_BAD_IDS,
                    "/things/1/",
                    "/things/9/",
                    "http://testserver/things/2/",
                ],
                "note": [None, 1],
            },
            {"pk": ({}, [*_BY_PK["pk"][1], -1, -1])}
            | _BY_INT
            | {
                "slug": (
                    {"lookup_field": "name"},
                    ["top", "low", "far", "new", "Top", "top ", "late"],
                ),
            },
        ),
        Resource(
            "label",
            models.Label,
            "name",
            {
                "name": ["Red", "red", "blue", "BLUE", "green", " green", *WORDS],
                "hidden": [True, False, "false"],
            },
            {"name": _BAD_TEXTS, "hidden": [None, "x"]},
            _BY_PK
            | _BY_ID
            | {"slug": ({"lookup_field": "name"}, ["Red", "red", "green"])},
        ),
        _book(models.Book, "book"),
        _book(models.Paperback, "paperback"),
        _noted(models.Memo, "memo"),
        _noted(models.Jotting, "jotting"),
        Resource(
            "loan",
            models.Loan,
            "text",
            {"book": _IDS, "text": ["x", "", *WORDS]},
            {"book": _BAD_IDS, "text": [None, 1, "y" * 21]},
            _BY_PK
            | {"traversing": ({"lookup_field": "book__slug"}, ["a", "b", "c", "A"])},
        ),
        Resource(
            "stub",
            models.Stub,
            "text",
            {"shelf": _IDS, "text": ["x", "", *WORDS]},
            {"shelf": _BAD_IDS, "text": [None, 1]},
            _BY_PK | _BY_INT,
        ),
        Resource(
            "cover",
            models.Cover,
            "text",
            {"book": _IDS, "text": ["red", "", *WORDS]},
            {"book": _BAD_IDS, "text": [None]},
            _BY_PK | {"related": ({"lookup_field": "book"}, [1, 2, 3, "1", "x"])},
        ),
        Resource(
            "place",
            models.Place,
            "note",
            {
                "shelf": [1, 2, None, "1", "top", "low"],
                "position": [1, 2, 3, None, "1", "2"],
                "width": [1, 2, 3, "2"],
                "depth": [1, 2],
            },
            {
                "shelf": _BAD_IDS,
                "position": ["", "x", True, 1.0, 1.5, 2**40, 2**70],
                "width": [0, -1, None],
                "depth": [3, 9, "x"],
            },
            _BY_PK
            | _BY_INT
            | {"position": ({"lookup_field": "position"}, [1, 2, 3, "1"])},
        ),
        Resource(
            "ticket",
            models.Ticket,
            "text",
            {"text": ["t0", "t1", "t2", "T0", "t0 ", *WORDS], "id": UUIDS},
            {"text": _BAD_TEXTS, "id": ["x", None, 1, UUIDS[0].replace("-", "")]},
            {
                "pk": (
                    {},
                    [
                        *UUIDS,
                        UUIDS[0].upper(),
                        UUIDS[0].replace("-", ""),
                        "x",
                        1,
                        "{" + UUIDS[0] + "}",
                    ],
                ),
                "converter": (
                    {"lookup_value_converter": "uuid"},
                    [*UUIDS, UUIDS[0].upper(), "x"],
                ),
                "text": ({"lookup_field": "text"}, ["t0", "t1", "t2"]),
            },
        ),
        Resource(
            "genre",
            models.Genre,
            "text",
            {
                "code": ["X", "Y", "Z", "x", "X ", "1"],
                "text": ["x", "", *WORDS],
                "broader": ["X", "Y", "Z", None],
            },
            {
                "code": ["", None, 1, True, "y" * 11, "a/b"],
                "text": [None],
                "broader": ["x", "Q", 1, "", "/things/X/"],
            },
            {"pk": ({}, ["X", "Y", "Z", "x", "X ", "1", 1, "late"])},
        ),
        Resource(
            "author",
            models.Author,
            "text",
            {
                "name": ["Amy", "Ben", "Zed", "New", "amy"],
                "pen_name": ["A", "B", None, "a"],
                "text": ["x", "", *WORDS],
            },
            {"name": _BAD_TEXTS, "pen_name": ["", " ", True], "text": [None]},
            {
                "pk": ({}, [2, 3, 1, 4, "2", "x"]),
                "id": ({"lookup_field": "id"}, [2, 3, 1, 4, 5]),
            },
        ),
        Resource(
            "order",
            models.Order,
            "text",
            {
                "text": ["one", "two", *WORDS],
                "lines": [
                    [],
                    [{"number": 1}],
                    [{"number": 1, "genre": "X"}, {"number": 2}],
                    [{"number": 1}, {"number": 1}],
                    [{"number": "3", "genre": None}],
                ],
            },
            {
                "text": _BAD_TEXTS,
                "lines": [
                    None,
                    {},
                    [{}],
                    [1],
                    "x",
                    [{"number": "x"}, {"number": 1, "genre": "Q"}],
                ],
            },
            _BY_PK,
        ),
    )
}
