"""Operations that are none: those that stand among them are done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.factories import TagFactory
from tests.hostile.asking import (
    FORMATS,
    JSON,
    SURROGATE,
    get_refusal,
    get_statuses,
    send,
)
from tests.shop.models import Tag
from tests.xml import clean, get_facts

pytestmark = pytest.mark.django_db


class TestOperations:
    """Operations that are none, among those that are."""

    ELEMENTS: list[tuple[Any, int]] = [
        (None, 400),
        (1, 400),
        ("x", 400),
        (True, 400),
        ([], 400),
        ({}, 400),
        ({"method": None}, 400),
        ({"method": "post", "data": {}}, 400),
        ({"method": "GET"}, 400),
        ({"method": "__class__"}, 400),
        ({"method": ["POST"], "data": {}}, 400),
        ({"method": {}, "data": {}}, 400),
        ({"method": SURROGATE}, 400),
        ({"METHOD": "POST", "data": {}}, 400),
        ({"method": "POST", "data": None}, 400),
        ({"method": "POST", "data": []}, 400),
        ({"method": "POST", "data": "x"}, 400),
        ({"method": "POST", "data": {"name": "a"}, SURROGATE: 1}, 400),
        ({"method": "POST", "data": {"name": "a"}, "": 1}, 400),
        ({"method": "POST", "data": {"name": "a"}, "\0": 1, "a/~b": 2}, 400),
        ({"method": "POST", "data": {"name": "a"}, "__proto__": {}}, 400),
        ({"method": "POST", "data": {"name": "a"}, "<m:x/>]]>": {}}, 400),
        ({"method": "POST", "data": {"name": "a"}, "ref": 1}, 400),
        ({"method": "POST", "data": {"name": "a"}, "ref": None}, 400),
        ({"method": "POST", "data": {"name": "a"}, "ref": {}}, 400),
        ({"method": "POST", "data": {"name": "a"}, "ref": []}, 400),
        ({"method": "POST", "data": {"name": "a"}, "ref": True}, 400),
        ({"method": "DELETE", "key": 1, "if_match": SURROGATE}, 400),
        ({"method": "DELETE", "key": 1, "if_match": 1}, 400),
        ({"method": "DELETE", "key": 1, "if_match": None}, 400),
        ({"method": "DELETE", "key": 1, "if_match": '"\0"'}, 400),
        ({"method": "POST", "data": {"__proto__": {}, SURROGATE: 1, "name": "b"}}, 201),
    ]

    @FORMATS
    def test_batch(self, accept: str) -> None:
        elements = [each for each, _ in self.ELEMENTS]
        response = send(
            "/api/tags/batch/", json.dumps({"operations": elements}), HTTP_ACCEPT=accept
        )

        assert get_statuses(response) == [status for _, status in self.ELEMENTS]
        assert Tag.objects.get().name == "b"

    @FORMATS
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_bulk(self, method: str, accept: str) -> None:
        tag = TagFactory(name="old")
        good: Any = {"id": tag.pk, "name": "new"}
        body = [None, 1.5, True, [], [[]], {}, tag.pk if method == "DELETE" else good]
        response = send(
            "/api/tags/bulk/", json.dumps(body), method=method, HTTP_ACCEPT=accept
        )

        done = {"POST": 201, "PUT": 200, "PATCH": 200, "DELETE": 204}[method]
        assert get_statuses(response) == [400] * 6 + [done]
        assert Tag.objects.filter(name="new").count() == (method != "DELETE")

    @FORMATS
    def test_odd_refs_are_echoed(self, accept: str) -> None:
        refs = [
            SURROGATE,
            "",
            "\0",
            "\x0b]]>&<\"'\r\n\t",
            "\ufffe",
            "x" * 100_000,
            "🙈",
        ]
        operations = [
            {"method": "POST", "ref": ref, "data": {"name": f"t{index}"}}
            for index, ref in enumerate(refs)
        ]
        response = send(
            "/api/tags/batch/",
            json.dumps({"operations": operations}),
            HTTP_ACCEPT=accept,
        )

        assert get_statuses(response) == [201] * len(refs)
        if accept == JSON:
            echoed = [each["ref"] for each in response.json()["results"]]
            assert echoed == refs
        else:
            echoed = [each["ref"] for each in get_facts(response.content)["results"]]
            assert echoed == [clean(ref) for ref in refs]

    @FORMATS
    def test_fail_surrogate_ref_twice(self, accept: str) -> None:
        operation = {"method": "POST", "ref": SURROGATE, "data": {"name": "a"}}
        body = json.dumps({"operations": [operation, operation]})
        response = send("/api/tags/batch/", body, HTTP_ACCEPT=accept)

        assert response.status_code == 400
        assert get_refusal(response) == (
            "The ref '\\ud800' stands at operations 0 and 1; "
            "it must be unique in the request."
        )
        assert not Tag.objects.exists()

    @FORMATS
    @pytest.mark.parametrize(
        ("name", "shown"),
        [(SURROGATE, "'\\ud800'"), ("\x01", "'\\x01'"), ("", "''"), ("]]>", "']]>'")],
    )
    def test_fail_odd_root_member(self, name: str, shown: str, accept: str) -> None:
        body = json.dumps({"operations": [{}], name: 1})
        response = send("/api/tags/batch/", body, HTTP_ACCEPT=accept)

        assert response.status_code == 400
        assert get_refusal(response) == (
            f"The body has the unknown member {shown}; it takes operations only."
        )
