"""RFC 4918's MUSTs of requests, methods and statuses, each under its section.

Full requests; `tests.xml.validate` checks the grammar of section 14 besides.
"""

from __future__ import annotations

import re

import pytest

from multistatus_app.formats.dav.writing import write_multistatus
from multistatus_app.outcomes import MultiStatus, Operation, Outcome
from tests.contract.formats import NAMESPACES
from tests.contract.rfc4918 import get_locked, get_statuses, send
from tests.factories import CategoryFactory, ProductFactory
from tests.shop.models import Category
from tests.xml import D, F, M, parse, validate

pytestmark = pytest.mark.django_db


def test_fixture_has_a_bit_of_everything(mixed):
    assert get_statuses(mixed) == [201, 400, 200, 400, 409, 204, 404, 400]


class TestSection8:
    """General request and response handling."""

    @pytest.mark.parametrize(
        "body", ["<m:batch", "<m:batch></m:batch>", "<a></b>", "<batch/>", "&"]
    )
    def test_8_2_invalid_xml_is_rejected(self, client, body):
        """8.2: a body that is not well-formed is answered with 400."""
        response = client.post(
            "/api/products/batch/",
            body,
            content_type="application/xml",
            headers={"accept": "application/xml"},
        )

        assert response.status_code == 400
        assert parse(response.content).tag == f"{D}error"

    def test_8_2_namespaces_are_heeded(self, client):
        """8.2: a name means something in its namespace alone."""
        response = client.post(
            "/api/products/batch/",
            '<batch xmlns="DAV:"><operation method="DELETE" key="1"/></batch>',
            content_type="application/xml",
        )

        assert response.status_code == 400

    def test_8_3_hrefs_are_simple_refs(self, mixed):
        """8.3: Simple-ref = absolute-URI | ( path-absolute [ "?" query ] )."""
        hrefs = [each.text for each in mixed.iter(f"{D}href")]

        assert len(hrefs) == 9
        for href in hrefs:
            assert re.fullmatch(r"/[!$&-;=@-Z_a-z~?%][!$&-;=@-Z_a-z~?%]*", href)
            assert not re.search(r"/\.\.?(/|$)|//|#", href)

    def test_8_3_no_dot_segments(self, client):
        """8.3: senders MUST NOT use dot-segments."""
        response = client.generic(
            "DELETE",
            "/api/x/../products/./bulk/",
            b"[1]",
            content_type="application/json",
        )
        assert response.status_code == 404  # Django serves no such path

        outcome = Outcome(operation=Operation(index=0, method="PUT"), status=200)
        document = MultiStatus(outcomes=(outcome,), committed=True)
        content = "".join(write_multistatus(document, base_path="/a/../b/./c/"))

        href = validate(content.encode()).findtext(f"{D}response/{D}href")
        assert href == "/a/b/c/items/0/"


class TestSection9:
    """Methods; PROPPATCH is the model of an operation on several fields."""

    def test_9_2_1_the_field_that_failed_and_those_that_fell_with_it(self, mixed):
        """9.2.1: the failing property has its status, the others have 424."""
        response = mixed.findall(f"{D}response")[3]
        found = [
            (
                sorted(each.tag for each in propstat.find(f"{D}prop")),
                propstat.findtext(f"{D}status"),
            )
            for propstat in response.findall(f"{D}propstat")
        ]

        assert sorted(found) == [
            ([f"{F}name"], "HTTP/1.1 400 Bad Request"),
            ([f"{F}sku"], "HTTP/1.1 424 Failed Dependency"),
            ([f"{F}stock"], "HTTP/1.1 400 Bad Request"),
        ]

    def test_9_2_all_or_nothing(self, client):
        """9.2: either all changes of one operation are done or none."""
        product = ProductFactory(name="Before")

        send(
            client,
            "products",
            f'<m:operation method="PATCH" key="{product.pk}"><name>After</name>'
            f"<stock>-1</stock></m:operation>",
        )

        product.refresh_from_db()
        assert product.name == "Before"


class TestSection10And11:
    """Status codes."""

    def test_11_1_multi_status(self, client):
        """11.1: 207, and the reason phrase."""
        response = send(client, "products", '<m:operation method="DELETE" key="9"/>')

        assert (response.status_code, response.reason_phrase) == (207, "Multi-Status")

    def test_11_3_locked(self):
        """11.3: 423 SHOULD contain lock-token-submitted (16)."""
        assert get_locked().find(f".//{D}lock-token-submitted") is not None

    def test_11_4_failed_dependency(self, client):
        """11.4: 424 where the operation depended on one that failed."""
        root = validate(
            send(
                client,
                "categories",
                '<m:operation method="POST"><name>A</name></m:operation>'
                '<m:operation method="POST"><name/></m:operation>'
                '<m:operation method="POST"><name>C</name></m:operation>',
                query="?atomic=true",
            ).content
        )

        assert get_statuses(root) == [424, 400, 424]
        assert not Category.objects.exists()
        assert root[0].findtext(f"{D}status") == "HTTP/1.1 424 Failed Dependency"
        assert [each.tag for each in root[0].find(f"{D}error")] == [
            f"{M}failed_dependency"
        ]


class TestSection13:
    """Multi-Status response."""

    @pytest.mark.parametrize("accept", ["text/xml", "application/xml"])
    def test_13_media_type(self, client, accept):
        """13: text/xml or application/xml, root multistatus; with a charset (19)."""
        response = client.delete(
            "/api/products/bulk/",
            [1],
            content_type="application/json",
            headers={"accept": accept},
        )

        assert response["Content-Type"] == "application/xml; charset=utf-8"
        assert validate(response.content).tag == f"{D}multistatus"

    def test_13_any_status_inside(self, client):
        """13: 207 although everything failed; the body has to be read."""
        root = validate(
            send(client, "products", '<m:operation method="DELETE" key="9"/>').content
        )

        assert get_statuses(root) == [404]
        assert root.findtext(f"{D}responsedescription") == (
            "0 of 1 operations succeeded."
        )

    def test_13_1_no_location_header(self, client):
        """13.1: Location has no meaning for a Multi-Status as a whole."""
        response = send(
            client,
            "categories",
            '<m:operation method="POST"><name>A</name></m:operation>',
        )

        assert "Location" not in response


class TestSection19And20:
    """Internationalization and security."""

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_19_encodings(self, client, encoding):
        """19: XML is read in UTF-8 and UTF-16 at least."""
        body = (
            f'<?xml version="1.0" encoding="{encoding}"?><m:bulk {NAMESPACES}>'
            f"<m:item><name>Sähkö 電気</name></m:item></m:bulk>"
        )

        response = client.post(
            "/api/categories/bulk/",
            body.encode(encoding),
            content_type="application/xml",
            headers={"accept": "application/xml"},
        )

        assert get_statuses(validate(response.content)) == [201]
        assert Category.objects.get().name == "Sähkö 電気"
        assert "Sähkö 電気".encode() in response.content

    def test_20_6_external_entities(self, client, tmp_path):
        """20.6: XML entities can read what nobody should: none is resolved."""
        secret = tmp_path / "secret"
        secret.write_text("secret")
        body = (
            f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
            f"<m:bulk {NAMESPACES}><m:item><name>&e;</name></m:item></m:bulk>"
        )

        response = client.post(
            "/api/categories/bulk/", body, content_type="application/xml"
        )

        assert response.status_code == 400
        assert not Category.objects.exists()


def test_9_6_1_delete_of_several(client):
    """9.6.1: 207 names what could not be deleted, and why."""
    kept = ProductFactory().category
    free = CategoryFactory()

    response = client.delete(
        "/api/categories/bulk/",
        f"<m:bulk {NAMESPACES}><m:item>{kept.pk}</m:item>"
        f"<m:item>{free.pk}</m:item></m:bulk>",
        content_type="text/xml",
        headers={"accept": "text/xml"},
    )
    root = validate(response.content)

    assert get_statuses(root) == [409, 204]
    assert [each.text for each in root.iterfind(f"{D}response/{D}href")] == [
        f"/api/categories/{kept.pk}/",
        f"/api/categories/{free.pk}/",
    ]
