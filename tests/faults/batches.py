"""Requests whose every effect can be told apart, and what is left of each operation."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction

from tests.answers import batch, op
from tests.faults.viewsets import SAID
from tests.shop.models import Category, Event, Product

_SERIAL = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An operation, and how to find out whether it was done."""

    operation: dict[str, Any]
    sku: str
    status: int
    """What it is answered when nothing interferes."""
    name: str = "changed"
    shared: bool = False
    """Whether others write its row, so that the row alone does not tell."""

    @property
    def text(self) -> str:
        """What its event and its callback say."""
        return f"{self.operation['method']} {self.sku} {self.name}"

    def get_traces(self, using: str, *, callbacks: bool) -> set[bool]:
        """Return whether its row, its event and its callback are there: one answer,
        unless it was half done."""
        rows = Product.objects.using(using).filter(sku=self.sku)
        method = self.operation["method"]
        if method == "DELETE":
            done = not rows.exists()
        elif method == "POST":
            done = rows.exists()
        else:
            done = rows.filter(stock__gt=0).exists()
        events = Event.objects.using(using).filter(text=self.text).count()
        traces = {events == 1} if events < 2 else {True, False}
        if not self.shared:
            traces.add(done)
        if callbacks:
            traces.add(SAID.count(self.text) == 1)
        return traces


@dataclass(frozen=True, slots=True)
class Steps:
    """A batch of them, its rows made."""

    steps: tuple[Step, ...]
    using: str = DEFAULT_DB_ALIAS

    @property
    def body(self) -> Any:
        """The body of the request."""
        return batch(*(step.operation for step in self.steps))

    @property
    def statuses(self) -> list[int]:
        """What its operations are answered when nothing interferes."""
        return [step.status for step in self.steps]


class Maker:
    """Makes operations on rows of their own, in one category."""

    def __init__(self, using: str = DEFAULT_DB_ALIAS) -> None:
        self.using = using
        self.category = Category.objects.using(using).create(name=self.get_mark())

    def get_mark(self) -> str:
        """Return a name that nobody has."""
        return f"fault-{os.getpid()}-{next(_SERIAL)}"

    def make(self, kind: str, *, size: int = 3) -> Steps:
        """Return a batch of one kind, or a mixed one."""
        if kind == "mixed":
            steps = (
                self.create(), self.change("PATCH"), self.delete(),
                self.create(price="-1", status=409), self.change("PUT"), self.delete(),
            )  # fmt: skip
        elif kind == "refused last":
            refused = self.create(price="none", status=400)
            steps = (self.create(), self.delete(), refused)
        else:
            makers = {
                "create": self.create,
                "update": self.change,
                "delete": self.delete,
            }
            steps = tuple(makers[kind]() for _ in range(size))
        return Steps(steps, self.using)

    def create(
        self,
        *,
        price: str = "1.00",
        status: int = 201,
        name: str = "changed",
        **data: Any,
    ) -> Step:
        """Return a create."""
        sku = self.get_mark()
        data = {
            "sku": sku, "name": name, "price": price, "category": self.category.pk,
        } | data  # fmt: skip
        operation = op("POST", data=data)
        return Step(operation=operation, sku=sku, status=status, name=name)

    def change(self, method: str = "PATCH", name: str = "changed") -> Step:
        """Return an update of a row of its own."""
        return self.change_row(self.make_row(), method, name)

    def change_row(
        self,
        product: Product,
        method: str = "PATCH",
        name: str = "changed",
        *,
        shared: bool = False,
    ) -> Step:
        """Return an update of a row."""
        data: dict[str, Any] = {"name": name}
        if method == "PUT":
            data |= {"sku": product.sku, "price": "2.00", "category": self.category.pk}
        operation = op(method, product.pk, data)
        return Step(
            operation=operation, sku=product.sku, status=200, name=name, shared=shared
        )

    def delete(self) -> Step:
        """Return a delete of a row of its own."""
        product = self.make_row()
        operation = op("DELETE", product.pk)
        return Step(operation=operation, sku=product.sku, status=204, name="original")

    def make_row(self) -> Product:
        """Return a row that has not been changed."""
        with transaction.atomic(using=self.using):
            return Product.objects.using(self.using).create(
                sku=self.get_mark(), name="original", price=1, category=self.category
            )
