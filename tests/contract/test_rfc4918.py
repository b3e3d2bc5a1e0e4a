"""RFC 4918's MUSTs that apply to what we send and take, each under its section.

Full requests; `tests.xml.validate` checks the grammar of section 14 besides.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from lxml import etree

from multistatus_app.formats.dav import write_multistatus
from multistatus_app.outcomes import MultiStatus, Operation, Outcome, Problem
from tests.factories import CategoryFactory, ProductFactory
from tests.shop.models import Category, Product
from tests.xml import D, F, M, parse, validate

NAMESPACES = 'xmlns:m="urn:multistatus" xmlns="urn:multistatus:fields"'

pytestmark = pytest.mark.django_db


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


def send(client: Any, prefix: str, operations: str, *, query: str = "") -> Any:
    response = client.post(
        f"/api/{prefix}/batch/{query}",
        f"<m:batch {NAMESPACES}>{operations}</m:batch>",
        content_type="application/xml",
        headers={"accept": "application/xml"},
    )
    assert response.status_code == 207, response.content
    return response


def get_statuses(root: Element) -> list[int]:
    return [int(each.attrib["status"]) for each in root.iter(f"{M}operation")]


def get_locked() -> Element:
    """The answer about a row that somebody else holds."""
    outcome = Outcome(
        operation=Operation(index=0, method="PATCH", key="1"),
        status=423,
        href="/api/products/1/",
        problem=Problem(code="locked", detail="Somebody else is changing it."),
    )
    document = MultiStatus(outcomes=(outcome,), committed=True)
    content = "".join(write_multistatus(document, base_path="/api/products/batch/"))
    return validate(content.encode())


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


class TestSection14:
    """XML elements."""

    def test_14_grammar(self, mixed):
        """14: the order of the DTD; the schema is checked by the fixture."""
        for response in mixed.iter(f"{D}response"):
            tags = [each.tag for each in response if each.tag.startswith(D)]
            order = ["href", "propstat", "status", "error"]
            order += ["responsedescription", "location"]
            assert tags == sorted(
                tags, key=lambda tag: order.index(tag.removeprefix(D))
            )

    def test_14_5_error_has_elements_and_no_text(self, mixed):
        """14.5: <!ELEMENT error ANY >; conditions, one element each."""
        found = list(mixed.iter(f"{D}error"))

        assert len(found) == 9
        for each in found:
            assert len(each) >= 1
            assert not (each.text or "").strip()
            assert not any((child.tail or "").strip() for child in each)

    def test_14_24_error_of_every_failure(self, mixed):
        """14.24: a reader that looks at no propstat sees what failed, too."""
        found = [
            (int(each.find(f"{M}operation").attrib["status"]), each.find(f"{D}error"))
            for each in mixed.iter(f"{D}response")
        ]

        assert [status for status, error in found if error is not None] == [
            status for status, _ in found if status >= 400
        ]

    def test_14_9_location_goes_with_201(self, mixed):
        """14.9: what a Location header would have said of one resource."""
        found = {
            int(response.find(f"{M}operation").attrib["status"]): response.findtext(
                f"{D}location/{D}href"
            )
            for response in mixed.iter(f"{D}response")
            if response.find(f"{D}location") is not None
        }
        created = Product.objects.get(sku="new")

        assert found == {201: f"/api/products/{created.pk}/"}

    def test_14_16_multistatus(self, mixed):
        """14.16: <!ELEMENT multistatus (response*, responsedescription?) >."""
        tags = [each.tag for each in mixed if each.tag.startswith(D)]

        assert tags == [f"{D}response"] * 8 + [f"{D}responsedescription"]

    def test_14_18_prop_names_without_values(self, mixed):
        """14.18, 9.2.1: a failed change names properties and gives no values."""
        names = [name for prop in mixed.iter(f"{D}prop") for name in prop]

        assert names
        assert all(len(name) == 0 and name.text is None for name in names)

    def test_14_22_propstat(self, mixed):
        """14.22: one prop and one status; a name stands where its status applies."""
        for response in mixed.iter(f"{D}response"):
            propstats = response.findall(f"{D}propstat")
            names = [name.tag for each in propstats for name in each.find(f"{D}prop")]
            assert max(Counter(names).values(), default=1) == 1
            for each in propstats:
                assert len(each.findall(f"{D}prop")) == 1
                assert len(each.findall(f"{D}status")) == 1
                assert len(each.find(f"{D}prop")) >= 1

    def test_14_24_status_or_propstats(self, mixed):
        """14.24: (href, ((href*, status)|(propstat+)), …)."""
        forms = [
            (
                len(response.findall(f"{D}href")),
                len(response.findall(f"{D}status")),
                len(response.findall(f"{D}propstat")) > 0,
            )
            for response in mixed.iter(f"{D}response")
        ]

        assert set(forms) == {(1, 1, False), (1, 0, True)}

    def test_14_24_every_href_once(self, mixed):
        """14.24: an href value MUST NOT appear more than once."""
        hrefs = [each.text for each in mixed.iterfind(f"{D}response/{D}href")]

        assert len(hrefs) == len(set(hrefs)) == 8
        # The second operations on their resources, and those without one:
        placeholders = [each for each in hrefs if "/batch/items/" in each]
        assert placeholders == [
            f"/api/products/batch/items/{index}/" for index in (1, 3, 5, 6, 7)
        ]

    def test_14_25_description_for_people(self, mixed):
        """14.25: text alone."""
        found = list(mixed.iter(f"{D}responsedescription"))

        assert found
        assert all(len(each) == 0 and each.text.endswith(".") for each in found)

    def test_14_28_status_line(self, mixed):
        """14.28: an HTTP status-line."""
        lines = [each.text for each in mixed.iter(f"{D}status")]

        assert lines
        for line in lines:
            assert re.fullmatch(r"HTTP/1\.1 [2-5]\d\d [A-Z][A-Za-z -]*", line)


class TestSection16:
    """Preconditions and postconditions."""

    def test_16_root_of_a_refusal(self, client):
        """16: where the whole request fails, DAV:error is the root of the body."""
        response = client.get(
            "/api/products/bulk/", headers={"accept": "application/xml"}
        )

        assert response.status_code == 405
        assert parse(response.content).tag == f"{D}error"

    def test_16_inside_its_propstat_or_response(self, mixed):
        """16: in a Multi-Status it is in the propstat or response that it is about."""
        parents = {
            parent.tag
            for parent in mixed.iter()
            for child in parent
            if child.tag == f"{D}error"
        }

        assert parents == {f"{D}response", f"{D}propstat"}

    def test_16_lock_token_submitted_names_the_lock(self):
        """16: <!ELEMENT lock-token-submitted (href+) >, the root of the lock."""
        lock = get_locked().find(f"{D}response/{D}error/{D}lock-token-submitted")

        assert [(each.tag, each.text) for each in lock] == [
            (f"{D}href", "/api/products/1/")
        ]

    def test_16_our_conditions_are_not_in_the_dav_namespace(self, mixed):
        """16: DAV: is the RFC's; conditions of others have namespaces of their own."""
        tags = {each.tag for error in mixed.iter(f"{D}error") for each in error}

        assert tags
        assert all(tag.startswith(M) for tag in tags)


class TestSection17:
    """XML extensibility."""

    def test_17_what_is_not_known_is_ignored(self, client):
        """17: as if the unknown elements and attributes were not there."""
        root = validate(
            send(
                client,
                "categories",
                '<x:note xmlns:x="urn:x"><m:operation method="BREW"/></x:note>'
                '<m:operation x:a="1" b="2" method="POST" xmlns:x="urn:x">'
                "<x:nick>Wrong</x:nick><name>Right</name></m:operation>",
            ).content
        )

        assert get_statuses(root) == [201]
        assert Category.objects.get().name == "Right"

    def test_17_no_text_among_elements(self, mixed):
        """17: no text in elements that hold elements."""
        for each in mixed.iter():
            if len(each):
                texts = [each.text, *(child.tail for child in each)]
                assert not "".join(text or "" for text in texts).strip()

    def test_17_ours_is_not_in_the_dav_namespace(self, mixed):
        """17, 21: names in DAV: are those of the RFC."""
        tags = {each.tag for each in mixed.iter() if each.tag.startswith(D)}
        names = {tag.removeprefix(D) for tag in tags}

        assert names == {
            "multistatus", "response", "href", "status", "propstat", "prop", "error",
            "responsedescription", "location",
        }  # fmt: skip

    def test_17_understood_without_what_is_ours(self, mixed):
        """17: a client that ignores our elements reads a valid document."""
        root = etree.fromstring(etree.tostring(_to_lxml(mixed)))
        for each in root.xpath("//m:*[not(ancestor::D:error)]", namespaces=PREFIXES):
            if each.getparent() is not None:
                each.getparent().remove(each)

        validate(etree.tostring(root))


PREFIXES = {"D": "DAV:", "m": "urn:multistatus"}


def _to_lxml(element: Element) -> Any:
    copy = etree.Element(element.tag, dict(element.attrib))
    copy.text = element.text
    copy.extend(_to_lxml(child) for child in element)
    return copy


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
