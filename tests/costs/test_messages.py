"""What is said of faults is bounded, however many and long they are."""

from __future__ import annotations

import pytest

from tests.costs.counting import LARGE, send
from tests.hostile_bodies import KINDS, Hostile, basket, bulk, xml

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,
    pytest.mark.urls("tests.hostile_urls"),
]


class TestMessages:
    """Messages are cut and counted."""

    def test_the_rest_is_counted(self) -> None:
        one = basket(f'"size":[{",".join(["0"] * 150)}]')

        (result,) = send(bulk(one, path="/baskets/bulk/")).json()["results"]

        *told, more = result["error"]["errors"]
        assert len(told) == 100
        assert more == {
            "pointer": "#",
            "code": "more_errors",
            "detail": "There are 50 more errors.",
        }

    @pytest.mark.parametrize("name", ["é" * 450, "&" * 1000, "k" * 1001])
    def test_a_long_pointer_ends_before_the_name(self, name: str) -> None:
        one = basket(f'"bags":{{"{name}":["x"]}}')

        (result,) = send(bulk(one, path="/baskets/bulk/")).json()["results"]

        assert [each["pointer"] for each in result["error"]["errors"]] == ["#/bags"]

    def test_each_operation_says_one_thing_at_least(self) -> None:
        response = send(KINDS["empty objects of many fields"](3000))

        results = response.json()["results"]
        first, last = results[0]["error"], results[-1]["error"]
        assert len(results) == 1000
        assert len(first["errors"]) == 40
        assert first["detail"] == last["detail"] == "40 fields are not valid."
        assert last["errors"] == [
            {
                "pointer": "#/field_0",
                "code": "required",
                "detail": "This field is required.",
            },
            {
                "pointer": "#",
                "code": "more_errors",
                "detail": "There are 39 more errors.",
            },
        ]

    def test_a_large_request_is_told_more(self) -> None:
        """An import of honest rows hears of each mistake."""
        values = ",".join(f'"field_{i}":"{"x" * 20}"' for i in range(40))

        response = send(bulk(*["{" + values + "}"] * 100, path="/wide/bulk/"))

        assert {
            len(each["error"]["errors"]) for each in response.json()["results"]
        } == {40}

    def test_unknown_members(self) -> None:
        members = ",".join(f'"m{each}":0' for each in range(12))
        body = f'{{"operations":[{{{members},"method":"DELETE","key":1}}]}}'

        response = send(Hostile(path="/events/batch/", body=body.encode()))

        (result,) = response.json()["results"]
        errors = result["error"]["errors"]
        assert {each["code"] for each in errors} == {"unknown"}
        assert errors[0]["detail"] == (
            "Unknown member 'm0'; there are method, ref, key, if_match and data."
        )
        assert [each["detail"] for each in errors[10:]] == [
            "So many more members are unknown: 2."
        ]

    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("long unknown member of the document", 400),
            ("long ref twice", 400),
            ("long path and many results", 414),
            ("long path and many results in xml", 414),
        ],
    )
    def test_a_refusal_is_short(self, name: str, status: int) -> None:
        response = send(KINDS[name](LARGE))

        assert response.status_code == status
        assert len(response.content) < 2000

    def test_fail_long_path(self) -> None:
        path = f"/of/{'t' * 4000}/events/bulk/"

        assert send(bulk("0", path=path)).status_code == 207
        response = send(bulk(*["0"] * 200, path=path))

        assert response.status_code == 414
        assert response.json() == {
            "detail": "The path has 4017 characters, which is too long for 200 "
            "operations. Send them in several requests."
        }

    @pytest.mark.parametrize(
        "name",
        ["long namespace of many elements", "long namespace of many attributes"],
    )
    def test_fail_long_namespace(self, name: str) -> None:
        response = send(KINDS[name](LARGE))

        assert response.status_code == 400
        assert (
            b"The XML has a namespace of 10000 characters, the limit is 255."
            in response.content
        )

    def test_a_namespace_of_common_length(self) -> None:
        inside = f'<m:item><text>a</text><x xmlns="{"u" * 255}"/></m:item>'

        assert b"201 Created" in send(xml(inside)).content
