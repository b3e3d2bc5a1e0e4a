from __future__ import annotations

import datetime
import decimal
import sys
import uuid
from enum import Enum

import pytest
from django.db import models
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe
from hypothesis import given
from lxml import etree

from multistatus_app.exceptions import MalformedBatch
from multistatus_app.formats import dav
from multistatus_app.formats.dav.names import EscapedNames
from multistatus_app.formats.dav.values import (
    escape_attribute,
    escape_text,
    write_value,
)
from multistatus_app.outcomes import ABSENT, MultiStatus, Operation, Outcome, Problem
from tests import outcomes_strategies as strategies
from tests.xml import SCHEMA, XSI, D, F, M, clean, get_facts, get_json_facts, validate
from tests.xml import parse as parse_safely

BASE = "/api/cities/bulk/"
NAMESPACES = 'xmlns:m="urn:multistatus" xmlns:f="urn:multistatus:fields"'


def write(*outcomes, base_path=BASE, committed=True):
    document = MultiStatus(outcomes=outcomes, committed=committed)
    return "".join(dav.write_multistatus(document, base_path=base_path)).encode()


def success(index=0, *, status=200, method="PATCH", data=ABSENT, href="/api/cities/1/"):
    operation = Operation(index=index, method=method)
    return Outcome(operation=operation, status=status, href=href, data=data)


def failure(index=0, *, status=400, errors=(), data=ABSENT, **members):
    members = {"code": "invalid", "detail": "It is not valid.", "href": None} | members
    code, detail = members.pop("code"), members.pop("detail")
    return Outcome(
        operation=Operation(index=index, method="PATCH", data=data),
        status=status,
        problem=Problem(code=code, detail=detail),
        errors=errors,
        **members,
    )


def error(pointer, code="required", detail="Give it."):
    return Problem(code=code, detail=detail, pointer=pointer)


def get_response(content, index=0):
    return validate(content).findall(f"{D}response")[index]


def get_hrefs(content):
    return [each.text for each in validate(content).iterfind(f"{D}response/{D}href")]


def get_data(value):
    """Return the `m:data` of a success."""
    element = get_response(write(success(data=value))).find(f"{M}data")
    assert element is not None
    return element


class TestNames:
    @pytest.mark.parametrize(
        ("name", "escaped"),
        [
            ("population", "population"),
            ("pos_x", "pos_x"),
            ("max_xyz", "max_xyz"),
            ("xmlName", "xmlName"),
            ("väkiluku", "väkiluku"),
            ("名前", "名前"),
            ("", "_x_"),
            ("_x_", "_x005F_x_"),
            ("2nd", "_x0032_nd"),
            ("-a", "_x002D_a"),
            ("a-b.c", "a-b.c"),
            ("a b", "a_x0020_b"),
            ("ns:name", "ns_x003A_name"),
            ("_x0041_", "_x005F_x0041_"),
            ("a_x0041_", "a_x005F_x0041_"),
            ("_x0041", "_x0041"),
            ("_x0041 ", "_x005F_x0041_x0020_"),
            ("\U0001f600", "_x0001F600_"),
            ("\ud800", "_xD800_"),
            ("\x00", "_x0000_"),
        ],
    )
    def test_escape(self, name, escaped):
        assert dav.escape_name(name) == escaped
        assert dav.unescape_name(escaped) == name

    def test_unescape_what_is_no_character(self):
        assert dav.unescape_name("_x0010FFFF_") == "\U0010ffff"
        assert dav.unescape_name("_x00110000_") == "_x00110000_"
        assert dav.unescape_name(dav.escape_name("_xFFFFFFFF_")) == "_xFFFFFFFF_"

    @given(strategies.texts)
    def test_reversible(self, name):
        assert dav.unescape_name(dav.escape_name(name)) == name

    @given(strategies.texts)
    def test_is_a_name(self, name):
        tag = dav.escape_name(name)

        assert parse_safely(f"<a:{tag} xmlns:a='x'/>".encode()).tag == f"{{x}}{tag}"

    def test_every_character_is_a_name_to_every_parser(self):
        plain = [
            each
            for code in range(0x10000)
            if (each := chr(code)) == dav.escape_name(each)
        ]

        document = "".join(f"<a:{each}/><a:a{each}/>" for each in plain)
        root = parse_safely(f"<a:a xmlns:a='x'>{document}</a:a>".encode())

        assert len(root) == 2 * len(plain)
        assert len(plain) > 30_000


class TestText:
    @pytest.mark.parametrize(
        ("text", "escaped"),
        [
            ("plain", "plain"),
            ("a & b", "a &amp; b"),
            ("<b>]]>", "&lt;b&gt;]]&gt;"),
            ("a\r\n\tb", "a&#13;\n\tb"),
            ('"', '"'),
            ("\x00\x0b\x1f", "\ufffd\ufffd\ufffd"),
            ("\x7f\x85\u2028", "\x7f\x85\u2028"),
            ("\ud800\ufffe\uffff", "\ufffd\ufffd\ufffd"),
            ("\U0010ffff", "\U0010ffff"),
        ],
    )
    def test_text(self, text, escaped):
        assert escape_text(text) == escaped

    def test_attribute(self):
        assert escape_attribute('a\t\n\r"&<>\x00') == (
            "a&#9;&#10;&#13;&quot;&amp;&lt;&gt;\ufffd"
        )
        assert escape_attribute("it's plain") == "it's plain"

    @given(strategies.texts)
    def test_survives(self, text):
        content = f'<a a="{escape_attribute(text)}">{escape_text(text)}</a>'.encode()

        root = parse_safely(content)

        assert root.get("a") == clean(text)
        assert (root.text or "") == clean(text)


class Colour(models.TextChoices):
    RED = "r", "Red"


class Plain(str, Enum):  # noqa: UP042 - what projects have
    RED = "r"


class Level(models.IntegerChoices):
    LOW = 1, "Low"


class Broken:
    def __str__(self):
        raise RuntimeError

    def __getitem__(self, key):
        raise RuntimeError


class Endless:
    def tolist(self):
        return self

    def __str__(self):
        return "endless"


class TestValues:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("a & b", "a & b"),
            ("", None),
            ("  a\n", "  a\n"),
            (True, "true"),
            (False, "false"),
            (0, "0"),
            (-(10**30), "-1" + "0" * 30),
            (1.5, "1.5"),
            (1e300, "1e+300"),
            (float("nan"), "NaN"),
            (float("-inf"), "-Infinity"),
            (datetime.date(2025, 1, 2), "2025-01-02"),
            (
                datetime.datetime(2025, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
                "2025-01-02T03:04:05Z",
            ),
            (datetime.time(3, 4), "03:04:00"),
            (datetime.timedelta(minutes=1), "60.0"),
            (decimal.Decimal("1.10"), "1.1"),
            (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            (lazystr("lazy"), "lazy"),
            (mark_safe("<safe>"), "<safe>"),
            (b"bytes", "bytes"),
            (b"\xff", "b'\\xff'"),
            (Colour.RED, "r"),
            (Plain.RED, "r"),
            (Level.LOW, "1"),
            (1j, "1j"),
            (Broken(), "<Broken>"),
            (Endless(), "endless"),
        ],
    )
    def test_scalar(self, value, text):
        element = get_data({"value": value})[0]

        assert element.tag == f"{F}value"
        assert element.text == text
        assert element.attrib == {}

    def test_time_with_zone_that_json_has_not(self):
        value = datetime.time(3, 4, tzinfo=datetime.UTC)

        assert get_data([value])[0].text == "03:04:00+00:00"

    def test_more_digits_than_python_prints(self):
        value = 16 ** (sys.get_int_max_str_digits() + 1)

        assert get_data([value])[0].text == hex(value)

    def test_null(self):
        data = get_data({"a": None, "b": [None]})

        assert data[0].attrib == {f"{XSI}nil": "true"}
        assert data[1][0].attrib == {f"{XSI}nil": "true"}

    def test_data_null(self):
        data = get_data(None)

        assert data.attrib == {f"{XSI}nil": "true"}
        assert (len(data), data.text) == (0, None)

    def test_no_data(self):
        content = write(success(status=204))

        assert get_response(content).find(f"{M}data") is None

    def test_namespace_of_nil_only_where_used(self):
        assert b"XMLSchema-instance" not in write(success(data={"a": 1}))
        assert b"XMLSchema-instance" in write(success(data={"a": None}))

    def test_empty(self):
        data = get_data({"a": [], "b": {}, "c": "", "d": ()})

        assert [each.get(f"{M}type") for each in data] == [
            "list",
            "object",
            None,
            "list",
        ]

    def test_data_empty(self):
        assert get_data([]).attrib == {f"{M}type": "list"}
        assert get_data({}).attrib == {f"{M}type": "object"}

    def test_containers(self):
        data = get_data({"tags": [1, [2], {"a": 3}], "size": {"height": 4}})

        assert [each.tag for each in data.iter()] == [
            f"{M}data",
            f"{F}tags",
            f"{M}item",
            f"{M}item",
            f"{M}item",
            f"{M}item",
            f"{F}a",
            f"{F}size",
            f"{F}height",
        ]

    def test_keys_that_are_no_text(self):
        data = get_data({True: "a", None: "b", (1, 2): "c", 0.5: "d", Plain.RED: 1})

        names = [dav.unescape_name(each.tag.removeprefix(F)) for each in data]
        assert names == ["true", "null", "[1, 2]", "0.5", "r"]

    def test_generator_and_broken_generator(self):
        def generate(count):
            yield from range(count)
            raise RuntimeError

        assert [each.text for each in get_data(iter((1, 2)))] == ["1", "2"]
        assert get_data([generate(2)])[0].text.startswith("<generator object")

    def test_depth(self):
        value = "leaf"
        for _ in range(100_000):
            value = [value]

        content = write(success(data=value))

        assert content.count(b"<m:item>") == dav.MAX_DATA_DEPTH
        assert dav.TOO_DEEP in content.decode()
        validate(content)

    def test_data_inside_itself(self):
        loop = {"name": "loop"}
        loop["children"] = [loop, loop]

        data = get_data(loop)

        assert [each.text for each in data[1]] == [dav.TOO_DEEP] * 2

    def test_same_data_twice_is_no_loop(self):
        shared = {"a": 1}

        assert [each[0].text for each in get_data([shared, shared])] == ["1", "1"]

    @given(strategies.data)
    def test_reads_back(self, value):
        text = write_value("m:data", value, EscapedNames())
        root = parse_safely(
            f'<a {NAMESPACES} xmlns:xsi="{XSI[1:-1]}">{text}</a>'.encode()
        )

        assert dav.read_value(root[0]) == strategies.to_texts(value)


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

        assert len(list(dav.write_multistatus(document, base_path=BASE))) == 4

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
        content = "".join(dav.write_multistatus(document, base_path=BASE)).encode()

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

        write(*outcomes)


class TestHrefs:
    def test_each_once(self):
        content = write(success(0), success(1), failure(2), success(3, href="/b/"))

        assert get_hrefs(content) == [
            "/api/cities/1/",
            f"{BASE}items/1/",
            f"{BASE}items/2/",
            "/b/",
        ]

    def test_placeholder_that_is_a_resource(self):
        content = write(
            success(0, href=None),
            success(1, href=f"{BASE}items/0/"),
            success(2, href=f"{BASE}items/0/-/"),
        )

        assert get_hrefs(content) == [
            f"{BASE}items/0/-/-/",
            f"{BASE}items/0/",
            f"{BASE}items/0/-/",
        ]

    def test_same_index_twice(self):
        assert get_hrefs(write(failure(0), failure(0))) == [
            f"{BASE}items/0/",
            f"{BASE}items/0/-/",
        ]

    @pytest.mark.parametrize(
        ("base_path", "href"),
        [
            ("/api/bulk/", "/api/bulk/items/0/"),
            ("/api/bulk", "/api/bulk/items/0/"),
            ("/", "/items/0/"),
            ("", "/items/0/"),
            ("//evil/bulk/", "/evil/bulk/items/0/"),
            ("/a/../b/./bulk/", "/a/b/bulk/items/0/"),
            ("/käyttäjä/bulk/", "/k%C3%A4ytt%C3%A4j%C3%A4/bulk/items/0/"),
            ("/a b#?%41/bulk/", "/a%20b%23%3F%2541/bulk/items/0/"),
            ("/a&b/bulk/", "/a&b/bulk/items/0/"),
            ("/\ud800/bulk/", "/%ED%A0%80/bulk/items/0/"),
        ],
    )
    def test_placeholder(self, base_path, href):
        assert get_hrefs(write(failure(), base_path=base_path)) == [href]

    @pytest.mark.parametrize(
        ("href", "written"),
        [
            ("/a/%20/", "/a/%20/"),
            ("/a b/ä/", "/a%20b/%C3%A4/"),
            ("/a#fragment", "/a%23fragment"),
            ("/a/?b=c&d", "/a/?b=c&d"),
            ("/?b", "/?b"),
            ("/", "/"),
            ("//evil/", "/%2Fevil/"),
            ("https://example.org/a/", "https://example.org/a/"),
            ("/\ud800\x00\n", "/%ED%A0%80%00%0A"),
            ("/.well-known/", "/.well-known/"),
            ("/a/..b/", "/a/..b/"),
        ],
    )
    def test_resource(self, href, written):
        assert get_hrefs(write(success(href=href))) == [written]

    @pytest.mark.parametrize(
        "href", ["", "relative/", "../a/", "/a/../b/", "/a/.", "/a/%2e%2E/", "#a", "?a"]
    )
    def test_no_resource(self, href):
        content = write(success(status=201, href=href))

        assert get_hrefs(content) == [f"{BASE}items/0/"]
        assert get_response(content).find(f"{D}location") is None


class TestWriteError:
    def test_code_and_description(self):
        problem = Problem(code="parse_error", detail="Not <XML>.")
        root = parse_safely("".join(dav.write_error(problem)).encode())

        assert root.tag == f"{D}error"
        assert [(each.tag, each.text) for each in root] == [
            (f"{M}parse_error", None),
            (f"{D}responsedescription", "Not <XML>."),
        ]

    def test_errors(self):
        problem = Problem(code="invalid", detail="1 field is not valid.")
        content = "".join(dav.write_error(problem, [error("#/atomic")])).encode()
        root = parse_safely(content)

        assert (root[0].tag, root[0].get("pointer")) == (f"{M}required", "#/atomic")
        assert root[1].text == "1 field is not valid. Give it."

    @given(strategies.problems)
    def test_well_formed(self, problem):
        root = parse_safely("".join(dav.write_error(problem)).encode())

        assert dav.unescape_name(root[0].tag.removeprefix(M)) == problem.code
        assert (root[1].text or "") == clean(problem.detail)


class TestWriteDocument:
    @given(strategies.data)
    def test_reads_back(self, value):
        root = parse_safely("".join(dav.write_document(value)).encode())

        assert root.tag == f"{M}document"
        assert dav.read_value(root) == strategies.to_texts(value)


def parse(body, *, max_depth=10, charset=None):
    return dav.parse(body, max_depth=max_depth, charset=charset)


def read(content):
    return dav.read_value(parse(f"<m:item {NAMESPACES}>{content}</m:item>".encode()))


class TestParse:
    def test_success(self):
        assert parse(b"<a xmlns='x'>b</a>").tag == "{x}a"

    def test_depth(self):
        body = b"<a>" * 10 + b"</a>" * 10

        assert parse(body).tag == "a"
        with pytest.raises(MalformedBatch) as caught:
            parse(body, max_depth=9)

        assert str(caught.value.detail) == (
            "The XML nests deeper than 9 elements, which is the limit."
        )

    def test_siblings_are_not_deep(self):
        assert len(parse(b"<a>" + b"<b/>" * 100 + b"</a>")) == 100

    @pytest.mark.parametrize("end", [b"", b"</a>" * 100_000])
    def test_fail_100000_nested(self, end):
        with pytest.raises(MalformedBatch, match="nests deeper than 10 elements"):
            parse(b"<a>" * 100_000 + end)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"   ",
            b"text",
            b"{}",
            b"<a>",
            b"<a></b>",
            b"<a/><a/>",
            b"<a b='1' b='2'/>",
            b"<a b=c/>",
            b"<a>&undefined;</a>",
            b"<a>&#0;</a>",
            b"<a>&#xD800;</a>",
            b"<a>\x00</a>",
            b"<a>\xff</a>",
            b"<a>]]></a>",
            b"<p:a/>",
            b"<a xmlns:p=''/>",
            b"<a xmlns:xml='x'/>",
            b"<a xmlns:xmlns='x'/>",
            b"<?xml version='1.0'?",
            b"<a><![CDATA[",
            b"<a><!-- -- --></a>",
            b" <?xml version='1.0'?><a/>",
            "<a/>".encode("utf-32"),
        ],
    )
    def test_fail_not_well_formed(self, body):
        with pytest.raises(MalformedBatch, match=r"^The body is not well-formed XML: "):
            parse(body)

    @pytest.mark.parametrize(
        "doctype",
        [
            "<!DOCTYPE a>",
            "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>",
            "<!DOCTYPE a PUBLIC 'x' 'http://localhost:1/'>",
            "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
            "<!DOCTYPE a [<!ENTITY % b SYSTEM 'http://localhost:1/'> %b;]>",
            "<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;'>]>",
            f"<!DOCTYPE a [<!ENTITY b '{'a' * 100_000}'>]>",
            "<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]>",
        ],
    )
    def test_fail_doctype(self, doctype):
        with pytest.raises(MalformedBatch) as caught:
            parse(f"{doctype}<a>&b;&c;</a>".encode())

        assert str(caught.value.detail) == (
            "The XML has a document type declaration; send it without one, and without "
            "entities."
        )

    @pytest.mark.parametrize(
        ("body", "charset"),
        [
            ("<a>ä</a>".encode(), None),
            ("<a>ä</a>".encode("utf-8-sig"), None),
            ("<a>ä</a>".encode("utf-16"), None),
            ("<?xml version='1.0' encoding='utf-16'?><a>ä</a>".encode("utf-16"), None),
            (
                "<?xml version='1.0' encoding='latin-1'?><a>ä</a>".encode("latin-1"),
                None,
            ),
            ("<?xml version='1.0' encoding='cp1252'?><a>ä</a>".encode("cp1252"), None),
            # The header is right, the declaration is not (RFC 7303 3).
            ("<?xml version='1.0' encoding='latin-1'?><a>ä</a>".encode(), "utf-8"),
            ("<a>ä</a>".encode("latin-1"), "iso-8859-1"),
            ("<a>ä</a>".encode("utf-16-le"), "utf-16le"),
            ("<a>ä</a>".encode(), "UTF8"),
            # The byte order mark is right, the header is not.
            ("<a>ä</a>".encode("utf-16"), "utf-8"),
            ("<a>ä</a>".encode("utf-8-sig"), "latin-1"),
        ],
    )
    def test_encoding(self, body, charset):
        assert parse(body, charset=charset).text == "ä"

    @pytest.mark.parametrize(
        ("body", "charset"),
        [
            (b"<?xml version='1.0' encoding='nonsense'?><a/>", None),
            (b"<?xml version='1.0' encoding='bz2'?><a/>", None),
            (b"<?xml version='1.0' encoding='utf-7'?><a/>", None),
            (b"<?xml version='1.0' encoding='shift_jis'?><a/>", None),
            (b"<a/>", "nonsense"),
            (b"<a/>", "punycode"),
            (b"<a/>", "bz2"),
            (b"<a/>", "unicode_escape"),
            (b"<a/>", "nul\x00"),
            (b"<a/>", "\ud800"),
        ],
    )
    def test_fail_encoding(self, body, charset):
        with pytest.raises(MalformedBatch) as caught:
            parse(body, charset=charset)

        assert str(caught.value.detail) == (
            "The XML is in an encoding that is not known; send it in UTF-8."
        )

    @pytest.mark.parametrize("length", range(1, 60, 7))
    def test_fail_truncated(self, length):
        body = (
            "<a xmlns='urn:x'><b c='d'>text ä</b><!-- e --><![CDATA[f]]></a>".encode()
        )

        with pytest.raises(MalformedBatch, match="not well-formed"):
            parse(body[:length])

    def test_huge_attributes(self):
        attributes = " ".join(f'a{number}="{number}"' for number in range(10_000))
        body = f"<a {attributes} z='{'z' * 2_000_000}'/>".encode()

        root = parse(body)

        assert len(root.attrib) == 10_001


MISPLACED = (
    '<{}> is in {}; fields are in "urn:multistatus:fields", and <m:item> is in '
    '"urn:multistatus".'
)


class TestReadValue:
    @pytest.mark.parametrize(
        ("content", "value"),
        [
            ("", ""),
            (" a ", " a "),
            ("a<!-- b -->c<?d e?>f", "acf"),
            ("<![CDATA[<a>&]]>", "<a>&"),
            ("&#65;&amp;", "A&"),
            ("<f:a>1</f:a> \n <f:b/>", {"a": "1", "b": ""}),
            ("<m:item>1</m:item>\n<m:item> </m:item>", ["1", " "]),
            ("<f:a><m:item><f:b>1</f:b></m:item></f:a>", {"a": [{"b": "1"}]}),
            ("<f:a m:type='list'/><f:b m:type='object'> </f:b>", {"a": [], "b": {}}),
            ("<f:a m:type='other'/>", {"a": ""}),
            ("<f:a m:type='list'>1</f:a>", {"a": "1"}),
            ("<f:_x_>1</f:_x_><f:a_x0020_b/>", {"": "1", "a b": ""}),
            ("<x:a xmlns:x='urn:x'><f:b/></x:a>", ""),
            ("a<x:a xmlns:x='urn:x'>b</x:a>c", "ac"),
            ("<f:a/><x:a xmlns:x='urn:x'/>", {"a": ""}),
            ("<x:a xmlns:x='urn:x'><a/><m:other/></x:a>", ""),
            ("<f:a other='1' f:type='list'/>", {"a": ""}),
            ("<item xmlns='urn:multistatus'>1</item>", ["1"]),
        ],
    )
    def test_success(self, content, value):
        assert read(content) == value

    @pytest.mark.parametrize(
        ("nil", "value"),
        [("true", None), ("1", None), ("false", ""), ("0", ""), ("yes", "")],
    )
    def test_nil(self, nil, value):
        content = f"<f:a xmlns:x='{XSI[1:-1]}' x:nil='{nil}'/>"

        assert read(content) == {"a": value}

    @pytest.mark.parametrize(
        ("content", "message", "path"),
        [
            (
                "<f:tags>1</f:tags><f:tags>2</f:tags>",
                "The field <tags> stands twice in one object. A list is one field with "
                "its items in it: <m:item>…</m:item><m:item>…</m:item>.",
                ("tags",),
            ),
            (
                "<f:a><f:b/><m:item/></f:a>",
                "<a> has both fields and <m:item>; an object has fields, a list has "
                "<m:item>.",
                ("a",),
            ),
            (
                "text<f:a/>",
                "<item> has both text and elements; a value is a text, or fields, or "
                "<m:item>.",
                (),
            ),
            (
                "<f:a><m:item/><m:item><f:b/>text</m:item></f:a>",
                "<item> has both text and elements; a value is a text, or fields, or "
                "<m:item>.",
                ("a", 1),
            ),
            ("<name>Oulu</name>", MISPLACED.format("name", "no namespace"), ("name",)),
            (
                "<f:lines><m:item><f:sku/><a_x0020_b/></m:item></f:lines>",
                MISPLACED.format("a b", "no namespace"),
                ("lines", 0, "a b"),
            ),
            (
                "<f:a/><m:other>1</m:other>",
                MISPLACED.format("other", 'the namespace "urn:multistatus"'),
                ("other",),
            ),
            (
                "<a xmlns='urn:multistatus:field'/>",
                MISPLACED.format("a", 'the namespace "urn:multistatus:field"'),
                ("a",),
            ),
            (
                "<f:a><item xmlns=''>1</item></f:a>",
                MISPLACED.format("item", "no namespace"),
                ("a", "item"),
            ),
        ],
    )
    def test_fail(self, content, message, path):
        with pytest.raises(dav.OddContent) as caught:
            read(content)

        assert (caught.value.detail, caught.value.path) == (message, path)

    def test_fail_same_name_in_two_spellings(self):
        with pytest.raises(dav.OddContent, match="The field <a> stands twice"):
            read("<f:a/><f:_x0061_/>")

    def test_fields_of_an_odd_element(self):
        content = "<f:a>1</f:a><b/><f:c><f:d/>text</f:c><f:a>2</f:a><m:item/>text"
        element = parse(f"<m:item {NAMESPACES}>{content}</m:item>".encode())

        assert dav.read_fields(element) == {"a": "1", "c": None}

    def test_brace_in_a_namespace(self):
        """`{` and `}` part names in Clark notation; expat lets no `}` in."""
        with pytest.raises(MalformedBatch, match="not well-formed"):
            read("<x:b xmlns:x='urn:multistatus:fields}a'/>")


def test_schema_can_fail():
    assert not SCHEMA.validate(
        etree.fromstring(b'<multistatus xmlns="DAV:">a</multistatus>')
    )
