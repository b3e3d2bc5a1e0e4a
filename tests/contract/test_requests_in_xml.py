"""What docs/wire.md promises of requests in XML."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import get_results
from tests.contract.formats import JSON, NAMESPACES, XML
from tests.shop.models import Category
from tests.xml import D, validate

pytestmark = pytest.mark.django_db


def post_xml(api: APIClient, path: str, body: str | bytes, **headers: str) -> Any:
    """Send XML, answered in JSON."""
    return api.generic(
        "POST",
        path,
        body,
        content_type=XML,
        headers={"Accept": JSON, **headers},
    )


class TestRequestsInXML:
    """What is odd in one element is the affair of one operation."""

    @pytest.mark.parametrize(
        ("item", "pointer", "detail"),
        [
            ("<name>b</name><name>c</name>", "#/name", "The field <name> stands twice"),
            ("<name>b</name>text", "#", "<item> has both text and elements"),
            ("<name>b</name><m:item/>", "#", "<item> has both fields and <m:item>"),
            ('<name xmlns="">b</name>', "#/name", "<name> is in no namespace; fields"),
            ("<m:name>b</m:name>", "#/name", "<name> is in the namespace"),
            (
                '<x:name xmlns:x="urn:x">b</x:name>',
                "#/name",
                '<name> is in the namespace "urn:x"; fields are in '
                '"urn:multistatus:fields"',
            ),
        ],
    )
    def test_fail_odd_item(
        self, api: APIClient, item: str, pointer: str, detail: str
    ) -> None:
        items = f"<m:item><name>a</name></m:item><m:item>{item}</m:item>"
        body = f"<m:bulk {NAMESPACES}>{items}<m:item><name>d</name></m:item></m:bulk>"

        results = get_results(post_xml(api, "/api/categories/bulk/", body))

        assert [each["status"] for each in results] == [201, 400, 201]
        (error,) = results[1]["error"]["errors"]
        assert (error["pointer"], error["code"]) == (pointer, "invalid")
        assert error["detail"].startswith(detail)
        assert set(Category.objects.values_list("name", flat=True)) == {"a", "d"}

    def test_fail_odd_operation_keeps_its_resource(self, api: APIClient) -> None:
        category = Category.objects.create(name="a")
        body = (
            f'<m:batch {NAMESPACES}><m:operation method="PATCH" key="{category.pk}" '
            f'ref="x"><name>b</name><parent/><parent/></m:operation></m:batch>'
        )

        response = post_xml(api, "/api/categories/batch/", body, Accept=XML)

        (found,) = validate(response.content).iter(f"{D}response")
        assert found.findtext(f"{D}href") == f"/api/categories/{category.pk}/"
        assert [
            (each.findtext(f"{D}status"), [name.tag for name in each.find(f"{D}prop")])
            for each in found.findall(f"{D}propstat")
        ] == [
            ("HTTP/1.1 400 Bad Request", ["{urn:multistatus:fields}parent"]),
            ("HTTP/1.1 424 Failed Dependency", ["{urn:multistatus:fields}name"]),
        ]
