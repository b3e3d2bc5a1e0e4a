"""Models with one of each constraint that a database checks."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class Category(models.Model):
    """A category; categories nest."""

    name = models.CharField(max_length=50, unique=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A tag, unique whatever its case: an expression that no validator knows."""

    name = models.CharField(max_length=50)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="shop_tag_name_unique")
        ]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """A product: unique, foreign key, check, m2m."""

    sku = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    stock = models.PositiveIntegerField(default=0)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="products"
    )
    tags = models.ManyToManyField(Tag, blank=True)
    attributes = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gte=0), name="shop_product_price_not_negative"
            )
        ]

    def __str__(self) -> str:
        return self.sku


class Review(models.Model):
    """A review that holds on to its product."""

    product = models.ForeignKey(
        Product, on_delete=models.RESTRICT, related_name="reviews"
    )
    text = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.text


class Shipment(models.Model):
    """Refers to a product, and nobody but the database looks after that."""

    product = models.ForeignKey(
        Product, on_delete=models.DO_NOTHING, related_name="shipments"
    )

    def __str__(self) -> str:
        return f"shipment {self.pk}"


class Parcel(models.Model):
    """A row whose key is a UUID."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    label = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.label


class Note(models.Model):
    """A note that belongs to a user."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    text = models.CharField(max_length=80)
    position = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.text


class Event(models.Model):
    """What hooks and signals leave behind."""

    text = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.text


class Section(models.Model):
    """What writings stand in."""

    name = models.CharField(max_length=50, unique=True)

    def __str__(self) -> str:
        return self.name


class Topic(models.Model):
    """What writings are about."""

    name = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.name


class Writing(models.Model):
    """A dozen columns, one of them unique, one a foreign key."""

    slug = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=80)
    text = models.TextField(blank=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    weight = models.IntegerField(default=0)
    position = models.IntegerField(null=True, blank=True)
    published = models.BooleanField(default=False)
    day = models.DateField(null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    section = models.ForeignKey(Section, on_delete=models.PROTECT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.slug


class Article(Writing):
    """Nobody's code runs when it is saved."""

    topics = models.ManyToManyField(Topic, blank=True)


class Chapter(Writing):
    """Two pairs are unique where nothing in them is null."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["section", "position"], name="shop_chapter_place"
            ),
            models.UniqueConstraint(
                fields=["owner", "title"], name="shop_chapter_title"
            ),
        ]


class Draft(Writing):
    """Saves in its own way, and touches nothing but the row."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Normalise the slug."""
        self.slug = self.slug.lower()
        super().save(*args, **kwargs)


class Bulletin(Writing):
    """Has receivers, where somebody connects them."""
