"""Rows for tests."""

from __future__ import annotations

from decimal import Decimal

import factory
from django.contrib.auth import get_user_model
from factory.django import DjangoModelFactory

from tests.shop import models


class UserFactory(DjangoModelFactory[models.models.Model]):
    """A user without rights."""

    class Meta:
        model = get_user_model()

    username = factory.Sequence("user{}".format)


class CategoryFactory(DjangoModelFactory[models.Category]):
    """A category of its own."""

    class Meta:
        model = models.Category

    name = factory.Sequence("Category {}".format)


class TagFactory(DjangoModelFactory[models.Tag]):
    """A tag of its own."""

    class Meta:
        model = models.Tag

    name = factory.Sequence("tag{}".format)


class ProductFactory(DjangoModelFactory[models.Product]):
    """A product in a category of its own."""

    class Meta:
        model = models.Product

    sku = factory.Sequence("sku-{}".format)
    name = factory.Sequence("Product {}".format)
    price = Decimal("9.50")
    category = factory.SubFactory(CategoryFactory)


class NoteFactory(DjangoModelFactory[models.Note]):
    """A note of a user of its own."""

    class Meta:
        model = models.Note

    owner = factory.SubFactory(UserFactory)
    text = factory.Sequence("note {}".format)
