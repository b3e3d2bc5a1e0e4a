"""Text that nobody types: in names, messages, JSON fields and query options."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from tests.factories import CategoryFactory
from tests.hostile.asking import (
    FORMATS,
    JSON,
    SURROGATE,
    get_refusal,
    get_statuses,
    send,
)
from tests.shop.models import Product, Tag
from tests.xml import clean, get_facts, get_json_facts, parse

pytestmark = pytest.mark.django_db


class TestText:
    """Characters that cannot be stored, written or read back."""

    NAMES: list[tuple[str, int]] = [
        ("first", 201),
        ("\0", 400),
        (SURROGATE, 400),
        ("\udc00\ud800", 400),
        ("a\x01\x0b\x1fb", 201),
        ("c\ufffe\uffffd", 201),
        ("]]>&<\"'", 201),
        ("e\u2028\u0085\r\nf", 201),
        ("x" * 100_000, 400),
        ("last 🙈", 201),
    ]

    @FORMATS
    def test_names(self, accept: str) -> None:
        body = json.dumps([{"name": name} for name, _ in self.NAMES])
        response = send("/api/tags/bulk/", body, HTTP_ACCEPT=accept)

        assert get_statuses(response) == [status for _, status in self.NAMES]
        kept = [name for name, status in self.NAMES if status == 201]
        assert list(Tag.objects.order_by("pk").values_list("name", flat=True)) == kept
        if accept == JSON:
            results = response.json()["results"]
            assert [each["data"]["name"] for each in results if "data" in each] == kept
        else:
            names = parse(response.content).iter("{urn:multistatus:fields}name")
            texts = [each.text for each in names if each.text]
            assert texts == [clean(name) for name in kept]

    @FORMATS
    def test_messages_echo_what_was_sent(self, accept: str) -> None:
        order = {
            "address": {"street": f"{SURROGATE}\x0b", "city": "]]>"},
            "lines": [{"sku": f"{SURROGATE}", "quantity": 1}, None, "\0"],
            "labels": [f"{SURROGATE}aaaa", {}],
            "counts": {SURROGATE: "x", "": "x", "a/b~": "y", "\0<": "z"},
        }
        good = {
            "address": {"street": "a", "city": "b"},
            "lines": [],
            "labels": ["a"],
            "counts": {SURROGATE: 1, "\0": 2},
        }
        response = send(
            "/api/orders/bulk/", json.dumps([order, good]), HTTP_ACCEPT=accept
        )

        assert get_statuses(response) == [400, 201]
        facts = (
            get_json_facts(response.json())
            if accept == JSON
            else get_facts(response.content)
        )
        assert facts["results"][0]["fields"] == ["address", "counts", "labels", "lines"]
        pointers = {pointer for _, pointer in facts["results"][0]["codes"]}
        assert pointers == {
            "#/address/street",
            "#/counts/",
            "#/counts/%00%3C",
            "#/counts/%ED%A0%80",
            "#/counts/a~1b~0",
            "#/labels/0",
            "#/labels/1",
            "#/lines/0/sku",
            "#/lines/1",
            "#/lines/2",
        }

    @FORMATS
    @pytest.mark.parametrize(
        ("attributes", "refused"),
        [
            ({SURROGATE: "\udc00"}, {"postgresql": 500, "mysql": 409}),
            ({"\0": "\0"}, {"postgresql": 500}),
        ],
        ids=["surrogate", "nul"],
    )
    def test_json_field(
        self, attributes: dict[str, str], refused: dict[str, int], accept: str
    ) -> None:
        """What a JSON column takes differs; as the single endpoint would say it."""
        elements = [
            {"sku": sku, "name": "n", "price": 1, "category": CategoryFactory().pk}
            for sku in ("a", "b", "c")
        ]
        elements[1]["attributes"] = attributes
        response = send("/api/products/bulk/", json.dumps(elements), HTTP_ACCEPT=accept)

        status = refused.get(connection.vendor, 201)
        assert get_statuses(response) == [201, status, 201]
        kept = Product.objects.filter(attributes={}).values_list("sku", flat=True)
        assert sorted(kept) == ["a", "c"]
        assert Product.objects.filter(sku="b").exists() == (status == 201)
        if status == 201 and accept == JSON:
            assert response.json()["results"][1]["data"]["attributes"] == attributes

    @FORMATS
    def test_fail_odd_query_option(self, accept: str) -> None:
        path = "/api/tags/bulk/?atomic=%00%ED%A0%80]]%3E"
        response = send(path, '[{"name":"a"}]', HTTP_ACCEPT=accept)

        assert response.status_code == 400
        assert get_refusal(response) == (
            "The query option atomic takes true, false, 1 or 0, "
            "not '\\x00\ufffd\ufffd\ufffd]]>'."
        )
        assert not Tag.objects.exists()
