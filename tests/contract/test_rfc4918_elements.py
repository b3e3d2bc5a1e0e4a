"""RFC 4918's MUSTs of the XML that we send, each under its section.

Full requests; `tests.xml.validate` checks the grammar of section 14 besides.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from lxml import etree

from tests.contract.rfc4918 import get_locked, get_statuses, send
from tests.shop.models import Category, Product
from tests.xml import D, M, parse, validate

pytestmark = pytest.mark.django_db


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
