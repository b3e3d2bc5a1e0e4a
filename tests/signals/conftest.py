"""What is heard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.signals import undone
from tests.shop.models import Category

Heard = list[tuple[tuple[int, ...], list[str]]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Hear what was undone: the indices, and the names of the instances."""
    told: Heard = []

    def hear(
        sender: Any, databases: Any, operations: Any, instances: Any, **_: Any
    ) -> None:
        assert issubclass(sender, BulkModelMixin)
        assert databases == ("default",)
        # Receivers may ask: it is undone by now, and its key is known.
        assert not Category.objects.filter(name="odd").exists()
        assert all(each.pk for each in instances)
        told.append(
            (tuple(each.index for each in operations), [str(i) for i in instances])
        )

    undone.connect(hear)
    yield told
    undone.disconnect(hear)
