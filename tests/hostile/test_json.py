"""JSON that nobody writes by mistake: depth, huge numbers, twofold members."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from tests.factories import CategoryFactory, TagFactory
from tests.hostile.asking import FORMATS, get_refusal, get_statuses, send
from tests.shop.models import Product, Tag

pytestmark = pytest.mark.django_db

TOO_DEEP_JSON = "The body nests too deep."


class TestJSON:
    """JSON that is none, and numbers that JSON has not."""

    @FORMATS
    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b'[{"name":"a"}', "Expecting ',' delimiter: line 1 column 14 (char 13)"),
            (
                b'[{"name":"a',
                "Unterminated string starting at: line 1 column 10 (char 9)",
            ),
            (b'[{"name":"a"}] x', "Extra data: line 1 column 16 (char 15)"),
            (
                b'[{"name":"\xff"}]',
                "'utf-8' codec can't decode byte 0xff in position 10: "
                "invalid start byte",
            ),
            (
                b'[{"name":"\xed\xa0\x80"}]',
                "'utf-8' codec can't decode byte 0xed in position 10: "
                "invalid continuation byte",
            ),
            (
                b'[{"name":"\0"}]',
                "Invalid control character at: line 1 column 11 (char 10)",
            ),
            (b"\0" * 100, "Expecting value: line 1 column 1 (char 0)"),
            (
                b'[{"name":NaN}]',
                "Out of range float values are not JSON compliant: 'NaN'",
            ),
            (
                b'[{"name":-Infinity}]',
                "Out of range float values are not JSON compliant: '-Infinity'",
            ),
            (b"<a/>", "Expecting value: line 1 column 1 (char 0)"),
        ],
        ids=[
            "truncated", "in-string", "junk", "not-utf-8", "surrogate-bytes",
            "control", "nuls", "nan", "infinity", "xml",
        ],
    )  # fmt: skip
    def test_fail_parse(self, body: bytes, reason: str, accept: str) -> None:
        TagFactory(name="there")
        response = send("/api/tags/bulk/", body, HTTP_ACCEPT=accept)

        assert response.status_code == 400
        assert get_refusal(response) == f"JSON parse error - {reason}"
        assert Tag.objects.get().name == "there"

    @pytest.mark.parametrize(
        "body",
        [
            "[" * 100_000,
            "[" * 100_000 + "]" * 100_000,
            '[{"a":' * 100_000 + "1" + "}]" * 100_000,
            '[{"name":"a","attributes":' + "[" * 100_000 + "]" * 100_000 + "}]",
        ],
        ids=["open", "closed", "objects", "json-field"],
    )
    @pytest.mark.parametrize("route", ["bulk", "batch"])
    def test_fail_too_deep_for_python(self, body: str, route: str) -> None:
        response = send(f"/api/products/{route}/", body)

        assert response.status_code == 400
        assert get_refusal(response) == TOO_DEEP_JSON

    @pytest.mark.parametrize(("depth", "status"), [(62, 207), (63, 400)])
    def test_json_field_at_the_limit(self, depth: int, status: int) -> None:
        attributes: list[Any] = []
        for _ in range(depth - 1):
            attributes = [attributes]
        element = {
            "sku": "deep",
            "name": "deep",
            "price": 1,
            "category": CategoryFactory().pk,
            "attributes": attributes,
        }
        response = send("/api/products/bulk/", json.dumps([element]))

        assert response.status_code == status
        if status == 400:
            assert get_refusal(response) == (
                "The body nests deeper than 64 levels of arrays and objects."
            )
        elif connection.vendor == "mysql":  # MariaDB reads 32 levels of JSON
            assert get_statuses(response) == [409]
        else:
            assert get_statuses(response) == [201]
            assert Product.objects.get().attributes == attributes

    def test_fail_integer_of_5000_digits(self) -> None:
        response = send("/api/tags/bulk/", f'[{{"name":{"9" * 5000}}}]')

        assert response.status_code == 400
        assert get_refusal(response).startswith("JSON parse error - Exceeds the limit")

    def test_last_of_duplicate_members_counts(self) -> None:
        tag = TagFactory(name="old")
        operation = f'{{"method":"PATCH","key":0,"key":{tag.pk},"data":{{}},"data":'
        body = (
            f'{{"operations":[],"operations":[{operation}{{"name":1,"name":"new"}}}}]}}'
        )
        response = send("/api/tags/batch/", body)

        assert get_statuses(response) == [200]
        assert Tag.objects.get().name == "new"

    @FORMATS
    def test_huge_numbers(self, accept: str) -> None:
        category = CategoryFactory().pk
        good = f'"name":"n","price":1,"category":{category}'
        huge = "9" * 4000
        bodies = [
            f'{{"sku":"a","name":"n","price":{huge},"category":{category}}}',
            f'{{"sku":"b","name":"n","price":1e400,"category":{category}}}',
            f'{{"sku":"c","name":"n","price":"1e999999999","category":{category}}}',
            f'{{"sku":"d","name":"n","price":"NaN","category":{category}}}',
            f'{{"sku":"e","stock":{2**63},{good}}}',
            f'{{"sku":"f","stock":{2**64},{good}}}',
            f'{{"sku":"g","stock":{huge},{good}}}',
            f'{{"sku":"h","stock":1e400,{good}}}',
            f'{{"sku":"i","name":"n","price":1,"category":{huge}}}',
            f'{{"sku":"j","name":"n","price":1,"category":{2**64}}}',
            '{"sku":"k","name":"n","price":1,"category":1e300}',
            f'{{"sku":"l","tags":[{huge},1.5,true,null,{{}},[]],{good}}}',
            f'{{"sku":"m","attributes":{{"a":1e400}},{good}}}',
            f'{{"sku":"n","attributes":{{"a":{huge}}},{good}}}',
            f'{{"sku":"o",{good}}}',
        ]
        body = f"[{','.join(bodies)}]"
        response = send("/api/products/bulk/", body, HTTP_ACCEPT=accept)

        assert get_statuses(response) == [400] * 13 + [201, 201]
        assert Product.objects.get(sku="n").attributes == {"a": int(huge)}
        assert sorted(Product.objects.values_list("sku", flat=True)) == ["n", "o"]
