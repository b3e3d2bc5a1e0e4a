"""What is asked of the shapes, singly and at once, and the rows that it is asked of."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from django.contrib.auth.models import User

from tests.benchmarks.shape_viewsets import USER, VIEWSETS
from tests.shop.models import Article, Section, Topic

_NUMBERS: Final = itertools.count()
SECTIONS: Final = 10

Goal = Literal["columns", "code", "action"]
"""Whose code runs for each row: nobody's, some that only reads, some that writes."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A viewset, and what is asked of it."""

    route: str
    goal: Goal
    works: tuple[str, ...] = ("create", "patch")
    row: Callable[[int], dict[str, Any]] = lambda number: {}
    """What a row of this shape has beside the plain fields, or in place of them."""
    patch: Callable[[int], dict[str, Any]] = lambda number: {}
    """What `patch` sends; `beside` sends plain fields alone."""
    settings: dict[str, Any] = field(default_factory=dict)
    """What `MULTISTATUS` holds."""

    @property
    def viewset(self) -> Any:
        """The class."""
        return VIEWSETS[self.route]


@dataclass(frozen=True)
class Asked:
    """One operation."""

    method: str
    key: int | None = None
    data: dict[str, Any] | None = None


def _name_section(number: int) -> dict[str, Any]:
    return {"section": f"section {number % SECTIONS}", "position": number}


_QUIET: Final = {
    "QUIET_RECEIVERS": ["tests.benchmarks.shape_viewsets.hear_quietly"],
}
SHAPES: Final[dict[str, Shape]] = {
    "plain": Shape(
        route="plain", goal="columns", works=("create", "patch", "delete", "mixed")
    ),
    "unique pair": Shape(
        route="pair",
        goal="columns",
        works=("create", "beside", "patch"),
        row=lambda number: {"position": number},
        patch=lambda number: {"position": number},
    ),
    "slug relation in a pair": Shape(
        route="slug",
        goal="columns",
        works=("create", "beside", "patch"),
        row=_name_section,
        patch=_name_section,
    ),
    "saves the owner": Shape(route="saving-owner", goal="columns", works=("create",)),
    "hidden user in a pair": Shape(
        route="hidden",
        goal="columns",
        works=("create", "beside", "patch"),
        patch=lambda number: {"title": f"changed {number}"},
    ),
    "many-to-many": Shape(
        route="many",
        goal="columns",
        row=lambda number: {"topics": [1, 2 + number % 2]},
        patch=lambda number: {"topics": [2 + number % 2]},
    ),
    "object permission": Shape(
        route="owned", goal="code", works=("create", "patch", "delete")
    ),
    "validating": Shape(
        route="validating",
        goal="code",
        row=lambda number: {"weight": f"{number % 99:x}"},
        patch=lambda number: {"weight": "ff", "title": f"changed {number}"},
    ),
    "method field, nested": Shape(route="showing", goal="code"),
    "tenant": Shape(route="tenant", goal="code", works=("create", "patch", "delete")),
    "serializer by action": Shape(route="by-action", goal="code"),
    "save(), replayable": Shape(
        route="draft", goal="code", works=("create", "patch", "delete")
    ),
    "quiet receivers": Shape(route="bulletin", goal="code", settings=_QUIET),
    "receivers": Shape(route="bulletin", goal="action"),
    "hooks with effects": Shape(
        route="hooked", goal="action", works=("create", "patch", "delete", "mixed")
    ),
    "actions that call super": Shape(
        route="checking", goal="action", works=("create", "patch", "delete")
    ),
}
"""Those of real projects, by name."""


def prepare() -> None:
    """Make the rows that others refer to."""
    User.objects.get_or_create(pk=USER, username="ann")
    for number in range(SECTIONS):
        Section.objects.get_or_create(pk=number + 1, name=f"section {number}")
    for number in range(1, 4):
        Topic.objects.get_or_create(pk=number, name=f"topic {number}")


def make_asked(shape: Shape, work: str, count: int) -> list[Asked]:
    """Return operations, after the rows were made that they change."""
    if work == "create":
        return [_make_create(shape) for _ in range(count)]
    keys = _insert(shape.viewset.queryset.model, count)
    if work == "delete":
        return [Asked("DELETE", key) for key in keys]
    patches = [_make_patch(shape, work, key) for key in keys]
    if work != "mixed":
        return patches
    return [
        (_make_create(shape), patch, Asked("DELETE", patch.key))[place % 3]
        for place, patch in enumerate(patches)
    ]


def _make_create(shape: Shape) -> Asked:
    number = next(_NUMBERS)
    plain = {
        "slug": f"s{number}",
        "title": f"title {number}",
        "text": "Some words.",
        "price": "3.20",
        "weight": 7,
        "published": True,
        "day": "2026-01-31",
        "attributes": {"colour": "red"},
        "section": 1 + number % SECTIONS,
    }
    return Asked("POST", None, plain | shape.row(number))


def _make_patch(shape: Shape, work: str, key: int) -> Asked:
    number = next(_NUMBERS)
    plain = {"title": f"beside {number}", "price": "4.50"}
    if work == "beside" and shape.route == "hidden":
        plain = {"text": "Beside.", "price": "4.50"}
    return Asked(
        "PATCH", key, plain | (shape.patch(number) if work != "beside" else {})
    )


def _insert(model: Any, count: int) -> Sequence[int]:
    numbers = list(itertools.islice(_NUMBERS, count))
    slugs = [f"s{number}" for number in numbers]
    model.objects.bulk_create(
        model(
            slug=slug,
            title=f"title {number}",
            position=number,
            price="3.20",
            weight=7,
            section_id=1 + number % SECTIONS,
            owner_id=USER,
        )
        for slug, number in zip(slugs, numbers, strict=True)
    )
    keys = list(
        model.objects.filter(slug__in=slugs).order_by("pk").values_list("pk", flat=True)
    )
    if model is Article:
        through = Article.topics.through
        through.objects.bulk_create(
            through(article_id=key, topic_id=topic) for key in keys for topic in (1, 2)
        )
    return keys


def get_singles(shape: Shape, asked: Sequence[Asked]) -> Iterator[tuple[str, str, Any]]:
    """Yield method, URL and data of the single requests."""
    for each in asked:
        key = "" if each.key is None else f"{each.key}/"
        yield each.method, f"/{shape.route}/{key}", each.data


def get_bulk(shape: Shape, asked: Sequence[Asked]) -> tuple[str, str, Any]:
    """Return method, URL and data of the one request for all."""
    methods = {each.method for each in asked}
    if len(methods) == 1:
        items = [_get_item(each) for each in asked]
        return asked[0].method, f"/{shape.route}/bulk/", items
    operations = [
        {name: value for name, value in vars(each).items() if value is not None}
        for each in asked
    ]
    return "POST", f"/{shape.route}/batch/", {"operations": operations}


def get_naive(shape: Shape, asked: Sequence[Asked]) -> tuple[str, str, Any]:
    """Return method, URL and data of the request to the naive loop."""
    method, _, data = get_bulk(shape, asked)
    items = data["operations"] if isinstance(data, dict) else data
    return method, f"/naive/{shape.route}/", items


def _get_item(each: Asked) -> Any:
    if each.data is None:
        return each.key
    return each.data if each.key is None else {"id": each.key} | each.data


def encode(data: Any) -> bytes:
    """Return the bytes of a body."""
    return b"" if data is None else json.dumps(data).encode()
