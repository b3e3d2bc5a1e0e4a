"""Receivers that listen to every model are quiet for one that is not theirs."""

from __future__ import annotations

from typing import Any

import pytest

from multistatus_app.overrides.receivers import is_quiet
from tests.factories import ProductFactory
from tests.shop.models import Product

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("easy_thumbnails.signal_handlers", "find_uncommitted_filefields"),
        ("easy_thumbnails.signal_handlers", "signal_committed_filefields"),
        ("imagekit.specs.sourcegroups", "ModelSignalRouter.post_save_receiver"),
        ("treenode.signals", "post_save_treenode"),
        ("treenode.signals", "post_delete_treenode"),
    ],
)
def test_is_quiet(module: str, name: str, django_assert_num_queries: Any) -> None:
    receiver: Any = pytest.importorskip(module)
    for part in name.split("."):
        receiver = getattr(receiver, part)
        if isinstance(receiver, type):
            receiver = receiver()
    product = ProductFactory()
    before = {each.attname: getattr(product, each.attname) for each in FIELDS}

    with django_assert_num_queries(0):
        receiver(sender=Product, instance=product, created=True, update_fields=None)

    assert is_quiet(receiver)
    assert before == {each.attname: getattr(product, each.attname) for each in FIELDS}


FIELDS = Product._meta.concrete_fields
