"""Entity tags (RFC 9110 8.8.3), and `if_match` in full requests."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from multistatus_app.requests.preconditions import (
    PreconditionFailed,
    check_if_match,
    get_representation_etag,
    is_entity_tag,
)
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_error, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, NoteFactory
from tests.shop import serializers as shop
from tests.shop.models import Category


@pytest.mark.parametrize(
    "value", ['"a"', '""', 'W/"a"', "*", '"!#~"', '"\x80\xff"', '"a,b"']
)
def test_entity_tag(value: str) -> None:
    assert is_entity_tag(value)


@pytest.mark.parametrize(
    "value",
    ["", "a", '"a', 'a"', 'w/"a"', '"a" ', '"a"b"', '"a b"', '"\n"', '"a"\n', '"Ā"',
     None, 5, ["*"], '"a", "b"'],
)  # fmt: skip
def test_no_entity_tag(value: Any) -> None:
    assert not is_entity_tag(value)


def test_tag_of_a_representation() -> None:
    one = {"a": 1, "b": [dt.date(2026, 1, 1), Decimal("1.0"), None, "ä\ud800"]}

    assert get_representation_etag(one) == get_representation_etag(
        dict(reversed(one.items()))
    )
    assert get_representation_etag({"a": 1}) == '"015abd7f5cc57a2dd94b7590f04ad808"'
    assert get_representation_etag({"a": 1}) != get_representation_etag({"a": "1"})


@pytest.mark.parametrize("if_match", ["*", '"a"'])
def test_success_match(if_match: str) -> None:
    check_if_match(if_match, current='"a"')


@pytest.mark.parametrize(
    ("if_match", "current"), [('"b"', '"a"'), ('W/"a"', '"a"'), ('W/"a"', 'W/"a"')]
)
def test_fail_match(if_match: str, current: str) -> None:
    with pytest.raises(PreconditionFailed) as caught:
        check_if_match(if_match, current=current)

    assert str(caught.value) == (
        f"The resource has changed: its entity tag is now {current}. "
        f"Fetch it, and decide again."
    )


def get_etag(row: Category) -> str:
    """Return the tag that a category has."""
    row.refresh_from_db()
    return get_representation_etag(dict(shop.CategorySerializer(row).data))


@pytest.mark.django_db
class TestRequests:
    """`if_match` of an operation."""

    def test_success_and_failure(self, api: APIClient) -> None:
        one, two, three = CategoryFactory.create_batch(3)

        response = api.post(
            "/api/categories/batch/",
            batch(
                op("PATCH", one.pk, {"name": "a"}, if_match=get_etag(one)),
                op("PUT", two.pk, {"name": "b"}, if_match='"other"'),
                op("DELETE", three.pk, if_match=f"W/{get_etag(three)}"),
                op("DELETE", three.pk, if_match=get_etag(three)),
                op("DELETE", three.pk, if_match="*"),
            ),
        )

        assert get_statuses(response) == [200, 412, 412, 204, 404]
        assert get_results(response)[1] == {
            "index": 1,
            "method": "PUT",
            "status": 412,
            "href": f"/api/categories/{two.pk}/",
            "error": get_error(
                "precondition_failed",
                f"The resource has changed: its entity tag is now {get_etag(two)}. "
                f"Fetch it, and decide again.",
                412,
                "Precondition Failed",
            ),
        }

    def test_fail_after_an_earlier_operation_changed_it(self, api: APIClient) -> None:
        row, other = CategoryFactory.create_batch(2)
        tag = get_etag(row)

        response = api.post(
            "/api/categories/batch/",
            batch(
                op("PATCH", row.pk, {"name": "a"}, if_match=tag),
                op("PATCH", other.pk, {"name": "c"}),
                op("PATCH", row.pk, {"name": "b"}, if_match=tag),
            ),
        )

        assert get_statuses(response) == [200, 200, 412]
        row.refresh_from_db()
        assert row.name == "a"

    def test_permission_comes_before_the_tag(self, api: APIClient) -> None:
        mine, other = NoteFactory(), NoteFactory()
        api.force_authenticate(mine.owner)

        response = api.post(
            "/api/notes/batch/",
            batch(
                op("DELETE", other.pk, if_match='"x"'),
                op("DELETE", mine.pk, if_match='"x"'),
            ),
        )

        assert get_statuses(response) == [403, 412]

    def test_tag_of_the_viewsets_own(self, api: APIClient, serve: Serve) -> None:
        class NameViewSet(BulkModelViewSet):
            queryset = Category.objects.all()
            serializer_class = shop.CategorySerializer

            def get_etag(self, instance: Any) -> str:
                assert (self.action, self.request.method) == ("retrieve", "GET")
                return f'"{instance.name}"'

        serve(NameViewSet)
        row = CategoryFactory(name="v1")

        response = api.post(
            "/things/batch/",
            batch(
                op("PATCH", row.pk, {"name": "v2"}, if_match='"v1"'),
                op("PATCH", row.pk, {"name": "v3"}, if_match='"v1"'),
                op("PATCH", row.pk, {"name": "v3"}, if_match='"v2"'),
            ),
        )

        assert get_statuses(response) == [200, 412, 200]
