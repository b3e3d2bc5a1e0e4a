"""A library: every way in which rows hold, refuse and change each other."""

from __future__ import annotations

import itertools
import uuid
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower


class Uuids:
    """Gives the same UUIDs in each run."""

    def __init__(self) -> None:
        """Begin."""
        self.restart()

    def restart(self) -> None:
        """Begin again."""
        self._numbers = itertools.count(0xA)

    def get(self) -> uuid.UUID:
        """Return the next one."""
        return uuid.UUID(int=next(self._numbers))


UUIDS: Final = Uuids()


def get_uuid() -> uuid.UUID:
    """Return the next one."""
    return UUIDS.get()


class Shelf(models.Model):
    """Unique name, and shelves stand on shelves."""

    name = models.CharField(max_length=20, unique=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    note = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.name


class Label(models.Model):
    """Unique whatever its case: an expression that no validator knows."""

    name = models.CharField(max_length=20)
    hidden = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="parity_label_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    """One of nearly everything; `save()` makes the slug lower case."""

    slug = models.SlugField(max_length=20, unique=True)
    title = models.CharField(max_length=20)
    shelf = models.ForeignKey(Shelf, on_delete=models.PROTECT, related_name="books")
    price = models.DecimalField(max_digits=6, decimal_places=2, default=1)
    labels = models.ManyToManyField(Label, blank=True, related_name="books")
    extra = models.JSONField(default=dict, blank=True)
    archived = models.BooleanField(default=False)
    scan = models.FileField(blank=True, null=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="parity_book_price"),
            models.UniqueConstraint(
                fields=["title"],
                condition=Q(archived=False),
                name="parity_book_title",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Normalise the slug."""
        self.slug = self.slug.lower()
        super().save(*args, **kwargs)


class Paperback(Book):
    """A proxy that saves in its own way."""

    class Meta:
        proxy = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Mark it."""
        self.extra = {"paper": True}
        super().save(*args, **kwargs)


class Loan(models.Model):
    """Holds on to its book."""

    book = models.ForeignKey(Book, on_delete=models.RESTRICT, related_name="loans")
    text = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.text


class Stub(models.Model):
    """Refers to a shelf, and nobody but the database looks after that."""

    shelf = models.ForeignKey(Shelf, on_delete=models.DO_NOTHING, related_name="stubs")
    text = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.text


class Cover(models.Model):
    """Goes with its book."""

    book = models.OneToOneField(Book, on_delete=models.CASCADE)
    text = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.text


class Place(models.Model):
    """Its place on a shelf is its own; null is nobody's."""

    shelf = models.ForeignKey(Shelf, null=True, blank=True, on_delete=models.CASCADE)
    position = models.IntegerField(null=True, blank=True)
    width = models.PositiveIntegerField(default=1)
    depth = models.PositiveIntegerField(default=1)

    class Meta:
        unique_together = [("shelf", "position")]
        constraints = [
            models.CheckConstraint(
                condition=Q(depth__lte=F("width")), name="parity_place_depth"
            ),
            models.UniqueConstraint(
                fields=["width", "depth"],
                condition=Q(position__gt=1),
                name="parity_place_size",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shelf_id}/{self.position}"


class Ticket(models.Model):
    """A row whose key is a UUID."""

    id = models.UUIDField(primary_key=True, default=get_uuid)
    text = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return self.text


class Genre(models.Model):
    """A row whose key is what a client says."""

    code = models.CharField(max_length=10, primary_key=True)
    text = models.CharField(max_length=20, blank=True)
    broader = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL
    )

    def __str__(self) -> str:
        return self.code


class Person(models.Model):
    """A parent with a table of its own."""

    name = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return self.name


class Author(Person):
    """A child with another."""

    pen_name = models.CharField(max_length=20, unique=True, null=True, blank=True)
    text = models.CharField(max_length=20, blank=True)


class Order(models.Model):
    """Written with its lines."""

    text = models.CharField(max_length=20)

    def __str__(self) -> str:
        return self.text


class Line(models.Model):
    """A line of an order."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    number = models.IntegerField()
    genre = models.ForeignKey(Genre, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        unique_together = [("order", "number")]

    def __str__(self) -> str:
        return str(self.number)


class Noted(models.Model):
    """Somebody's, in two unique pairs, with many labels."""

    title = models.CharField(max_length=20)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    shelf = models.ForeignKey(Shelf, null=True, blank=True, on_delete=models.CASCADE)
    rank = models.IntegerField(null=True, blank=True)
    labels = models.ManyToManyField(Label, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "title"], name="%(app_label)s_%(class)s_title"
            ),
            models.UniqueConstraint(
                fields=["shelf", "rank"], name="%(app_label)s_%(class)s_rank"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Memo(Noted):
    """Nobody's code runs when it is saved."""


class Jotting(Noted):
    """A `save()` and receivers that touch nothing but the row."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Normalise the title."""
        self.title = self.title.lower()
        super().save(*args, **kwargs)


class Audit(models.Model):
    """What hooks and signals leave behind."""

    text = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.text
