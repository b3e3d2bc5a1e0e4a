from __future__ import annotations

import pytest

from tests.formats.dav.writing import (
    BASE,
    failure,
    get_hrefs,
    get_response,
    success,
    write,
)
from tests.xml import D


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
