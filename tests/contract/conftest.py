"""An answer that has a bit of everything."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from tests.contract.rfc4918 import send
from tests.factories import ProductFactory
from tests.xml import validate


@pytest.fixture
def mixed(client) -> Element:
    """The answer to a batch with a bit of everything, validated."""
    product, other = ProductFactory(), ProductFactory()
    used = product.category
    return validate(
        send(
            client,
            "products",
            f"""
            <m:operation method="POST" ref="new"><sku>new</sku><name>N</name>
                <price>1.00</price><category>{used.pk}</category></m:operation>
            <m:operation method="POST"><sku>b a d</sku><name>B</name>
                <price>-</price><category>{used.pk}</category></m:operation>
            <m:operation method="PATCH" key="{product.pk}"><stock>1</stock>
                </m:operation>
            <m:operation method="PATCH" key="{product.pk}"><stock>-1</stock>
                <name>{"x" * 81}</name><sku>{product.sku}</sku></m:operation>
            <m:operation method="PATCH" key="{other.pk}"><price>-1</price></m:operation>
            <m:operation method="DELETE" key="{other.pk}"/>
            <m:operation method="DELETE" key="{other.pk}"/>
            <m:operation method="BREW"/>""",
        ).content
    )
