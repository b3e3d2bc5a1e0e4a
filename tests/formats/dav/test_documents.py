from __future__ import annotations

from hypothesis import given

from multistatus_app.formats.dav import names, reading, writing
from multistatus_app.outcomes import Problem
from tests import outcomes_strategies as strategies
from tests.formats.dav.writing import error
from tests.xml import D, M, clean
from tests.xml import parse as parse_safely


class TestWriteError:
    def test_code_and_description(self):
        problem = Problem(code="parse_error", detail="Not <XML>.")
        root = parse_safely("".join(writing.write_error(problem)).encode())

        assert root.tag == f"{D}error"
        assert [(each.tag, each.text) for each in root] == [
            (f"{M}parse_error", None),
            (f"{D}responsedescription", "Not <XML>."),
        ]

    def test_errors(self):
        problem = Problem(code="invalid", detail="1 field is not valid.")
        content = "".join(writing.write_error(problem, [error("#/atomic")])).encode()
        root = parse_safely(content)

        assert (root[0].tag, root[0].get("pointer")) == (f"{M}required", "#/atomic")
        assert root[1].text == "1 field is not valid. Give it."

    @given(strategies.problems)
    def test_well_formed(self, problem):
        root = parse_safely("".join(writing.write_error(problem)).encode())

        assert names.unescape_name(root[0].tag.removeprefix(M)) == problem.code
        assert (root[1].text or "") == clean(problem.detail)


class TestWriteDocument:
    @given(strategies.data)
    def test_reads_back(self, value):
        root = parse_safely("".join(writing.write_document(value)).encode())

        assert root.tag == f"{M}document"
        assert reading.read_value(root) == strategies.to_texts(value)
