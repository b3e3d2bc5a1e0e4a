from __future__ import annotations

import pytest
from django.utils.functional import lazystr
from hypothesis import given
from lxml import etree

from multistatus_app.formats.dav import writing
from multistatus_app.outcomes import ABSENT, MultiStatus, Operation, Outcome, Problem
from tests import outcomes_strategies as strategies
from tests.formats.dav.writing import (
    BASE,
    error,
    failure,
    get_hrefs,
    get_response,
    success,
    write,
)
from tests.xml import SCHEMA, D, F, M, get_facts, get_json_facts, validate


class TestWriteMultiStatus:
    def test_wire_example(self):
        """The example of the wire format, as XML."""
        content = write(
            Outcome(
                operation=Operation(index=0, method="POST", ref="a"),
                status=201,
                href="/api/cities/41/",
                data={"id": 41, "name": "Oulu"},
            ),
            failure(
                1,
                href="/api/cities/7/",
                detail="1 field is not valid.",
                data={"population": -1, "name": "Espoo"},
                errors=(
                    error(
                        "#/population",
                        "min_value",
                        "Ensure this value is greater than or equal to 0.",
                    ),
                ),
            ),
            failure(
                2,
                status=404,
                href="/api/cities/8/",
                code="not_found",
                detail="No City matches the given query.",
            ),
            success(3, status=204, method="DELETE", href="/api/cities/9/"),
        )
        expected = """
<D:multistatus xmlns:D="DAV:" xmlns:m="urn:multistatus" xmlns:f="urn:multistatus:fields">
  <D:response>
    <D:href>/api/cities/41/</D:href>
    <D:status>HTTP/1.1 201 Created</D:status>
    <D:location><D:href>/api/cities/41/</D:href></D:location>
    <m:operation index="0" ref="a" method="POST" status="201"/>
    <m:data><f:id>41</f:id><f:name>Oulu</f:name></m:data>
  </D:response>
  <D:response>
    <D:href>/api/cities/7/</D:href>
    <D:propstat>
      <D:prop><f:population/></D:prop>
      <D:status>HTTP/1.1 400 Bad Request</D:status>
      <D:error><m:min_value pointer="#/population"/></D:error>
      <D:responsedescription>Ensure this value is greater than or equal to 0.</D:responsedescription>
    </D:propstat>
    <D:propstat>
      <D:prop><f:name/></D:prop>
      <D:status>HTTP/1.1 424 Failed Dependency</D:status>
    </D:propstat>
    <D:error><m:invalid/></D:error>
    <D:responsedescription>1 field is not valid.</D:responsedescription>
    <m:operation index="1" method="PATCH" status="400"/>
  </D:response>
  <D:response>
    <D:href>/api/cities/8/</D:href>
    <D:status>HTTP/1.1 404 Not Found</D:status>
    <D:error><m:not_found/></D:error>
    <D:responsedescription>No City matches the given query.</D:responsedescription>
    <m:operation index="2" method="PATCH" status="404"/>
  </D:response>
  <D:response>
    <D:href>/api/cities/9/</D:href>
    <D:status>HTTP/1.1 204 No Content</D:status>
    <m:operation index="3" method="DELETE" status="204"/>
  </D:response>
  <D:responsedescription>2 of 4 operations succeeded.</D:responsedescription>
  <m:summary total="4" succeeded="2" failed="2" committed="true"/>
</D:multistatus>"""  # noqa: E501 - as the page has it

        assert content.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<D:multi')
        assert etree.canonicalize(content.decode(), strip_text=True) == (
            etree.canonicalize(expected, strip_text=True)
        )
        validate(content)

    def test_empty_and_not_committed(self):
        root = validate(write(committed=False))

        assert root.find(f"{M}summary").attrib == {
            "total": "0",
            "succeeded": "0",
            "failed": "0",
            "committed": "false",
        }

    def test_one_string_for_each_response(self):
        document = MultiStatus(outcomes=(success(0), success(1)), committed=True)

        assert len(list(writing.write_multistatus(document, base_path=BASE))) == 4

    def test_only_other_errors(self):
        errors = (error("#", "unique", "Taken."), error("#", "odd", "It is not valid."))
        response = get_response(write(failure(errors=errors, data={"name": "Oulu"})))

        assert response.find(f"{D}propstat") is None
        assert response.findtext(f"{D}status") == "HTTP/1.1 400 Bad Request"
        assert [(each.tag, each.attrib) for each in response.find(f"{D}error")] == [
            (f"{M}unique", {"pointer": "#"}),
            (f"{M}odd", {"pointer": "#"}),
        ]
        assert response.findtext(f"{D}responsedescription") == "It is not valid. Taken."

    def test_field_and_other_errors(self):
        errors = (error("#/name"), error("#", "unique", "Taken."))
        response = get_response(write(failure(errors=errors, data={"name": ""})))

        assert response.find(f"{D}status") is None
        assert len(response.findall(f"{D}propstat")) == 1
        assert [each.tag for each in response.find(f"{D}error")] == [f"{M}unique"]
        assert response.findtext(f"{D}responsedescription") == "It is not valid. Taken."

    def test_errors_of_one_field_together(self):
        errors = (
            error("#/tags/0/name", "a", "First."),
            error("#/name", "b", "Second."),
            error("#/tags/1", "c", "Third."),
        )
        response = get_response(write(failure(errors=errors)))
        tags, name = response.findall(f"{D}propstat")

        assert [each.tag for each in tags.find(f"{D}prop")] == [f"{F}tags"]
        assert [(each.tag, each.get("pointer")) for each in tags.find(f"{D}error")] == [
            (f"{M}a", "#/tags/0/name"),
            (f"{M}c", "#/tags/1"),
        ]
        assert tags.findtext(f"{D}responsedescription") == "First. Third."
        assert [each.tag for each in name.find(f"{D}prop")] == [f"{F}name"]

    @pytest.mark.parametrize(
        ("pointer", "name"),
        [
            ("#/a~1b/0", "a_x002F_b"),
            ("#/a~01", "a_x007E_1"),
            ("#/a%20b", "a_x0020_b"),
            ("#/%C3%A4", "ä"),
            ("#/%FF", "_xFFFD_"),
            ("#/%ED%A0%80", "_xD800_"),
            ("#/", "_x_"),
            ("#/0", "_x0030_"),
        ],
    )
    def test_field_of_pointer(self, pointer, name):
        response = get_response(write(failure(errors=(error(pointer),))))

        assert response.find(f"{D}propstat/{D}prop")[0].tag == F + name

    def test_pointer_is_escaped(self):
        response = get_response(write(failure(errors=(error('#/a"&<b'),))))

        assert response.find(f".//{M}required").get("pointer") == '#/a"&<b'

    @pytest.mark.parametrize("pointer", ["#", "", "name", None])
    def test_pointer_to_no_field(self, pointer):
        response = get_response(write(failure(errors=(error(pointer),))))

        assert response.find(f"{D}propstat") is None
        assert response.find(f"{D}error")[0].get("pointer") == pointer

    def test_rest_of_the_fields(self):
        data = {"c": 1, "bad": 2, 1: 3, "1": 4, "a b": 5}
        response = get_response(write(failure(errors=(error("#/bad"),), data=data)))
        rest = response.findall(f"{D}propstat")[1]

        assert [each.tag.removeprefix(F) for each in rest.find(f"{D}prop")] == [
            "c",
            "_x0031_",
            "a_x0020_b",
        ]
        assert rest.find(f"{D}error") is None

    @pytest.mark.parametrize("data", [ABSENT, None, [1], "text", {"bad": 1}])
    def test_no_other_fields(self, data):
        response = get_response(write(failure(errors=(error("#/bad"),), data=data)))

        assert len(response.findall(f"{D}propstat")) == 1

    def test_created_elsewhere(self):
        """The href of a resource that was created twice stands in its location."""
        first = success(0, status=201, method="POST")
        second = success(1, status=201, method="POST")
        response = get_response(write(first, second), 1)

        assert response.findtext(f"{D}href") == f"{BASE}items/1/"
        assert response.findtext(f"{D}location/{D}href") == "/api/cities/1/"

    def test_created_without_href(self):
        response = get_response(write(success(status=201, method="POST", href=None)))

        assert response.find(f"{D}location") is None

    def test_locked(self):
        outcome = failure(
            status=423, code="locked", href="/api/cities/1/?a&b", retry_after=1
        )
        first = success(href="/api/cities/1/?a&b")
        response = get_response(write(first, outcome), 1)
        lock, code = response.find(f"{D}error")

        assert response.findtext(f"{D}href") == f"{BASE}items/0/"
        assert lock.tag == f"{D}lock-token-submitted"
        assert lock.findtext(f"{D}href") == "/api/cities/1/?a&b"
        assert code.tag == f"{M}locked"
        assert response.find(f"{M}operation").get("retry-after") == "1"

    def test_locked_without_resource(self):
        response = get_response(write(failure(status=423, code="locked")))
        lock = response.find(f"{D}error/{D}lock-token-submitted/{D}href")

        assert lock.text == f"{BASE}items/0/"

    def test_locked_with_field_errors(self):
        outcome = failure(status=423, code="locked", errors=(error("#/name"),))
        response = get_response(write(outcome))

        assert [each.tag for each in response.find(f"{D}error")] == [
            f"{D}lock-token-submitted",
            f"{M}locked",
        ]

    def test_unknown_method_and_ref(self):
        operation = Operation(index=0, method=None, ref='a "b"\n\x00')
        outcome = Outcome(
            operation=operation, status=400, problem=Problem(code="x", detail="y")
        )
        attributes = get_response(write(outcome)).find(f"{M}operation").attrib

        assert attributes == {"index": "0", "ref": 'a "b"\n\ufffd', "status": "400"}

    @pytest.mark.parametrize(
        ("status", "line"),
        [
            (413, "HTTP/1.1 413 Content Too Large"),
            (499, "HTTP/1.1 499 Client Error"),
            (302, "HTTP/1.1 302 Found"),
            (102, "HTTP/1.1 500 Internal Server Error"),
            (799, "HTTP/1.1 500 Internal Server Error"),
        ],
    )
    def test_status_line(self, status, line):
        response = get_response(write(failure(status=status)))

        assert response.findtext(f"{D}status") == line
        assert response.find(f"{M}operation").get("status") == str(status)

    def test_lazy_text(self):
        outcome = failure(
            detail=lazystr("Lazy."), errors=(error("#", lazystr("c"), lazystr("Too.")),)
        )
        response = get_response(write(outcome))

        assert response.findtext(f"{D}responsedescription") == "Lazy. Too."

    @given(strategies.multistatuses())
    def test_valid_whatever_the_data(self, document):
        content = "".join(writing.write_multistatus(document, base_path=BASE)).encode()

        facts = get_facts(content)

        assert facts == get_json_facts(document.to_dict())
        hrefs = get_hrefs(content)
        assert len(hrefs) == len(set(hrefs)) == document.total

    def test_ten_thousand(self):
        outcomes = tuple(
            success(
                index,
                href=f"/api/cities/{index}/",
                data={"id": index, "name": "Oulu", "country": "FI", "population": 2},
            )
            for index in range(10_000)
        )

        hrefs = get_hrefs(write(*outcomes))

        assert hrefs == [each.href for each in outcomes]


def test_schema_can_fail():
    assert not SCHEMA.validate(
        etree.fromstring(b'<multistatus xmlns="DAV:">a</multistatus>')
    )
