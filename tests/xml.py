"""Answers in XML, validated and read back, for every test that gets one."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from lxml import etree

from multistatus_app.formats.dav.names import unescape_name

D = "{DAV:}"
M = "{urn:multistatus}"
F = "{urn:multistatus:fields}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"

SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("multistatus.rng")))
"""What a server emits (RFC 4918 14, 17)."""


def parse(content: bytes) -> Element:
    """Return the root, read by expat and by libxml2 alike."""
    etree.fromstring(content)
    return ElementTree.fromstring(content, forbid_dtd=True)


def validate(content: bytes) -> Element:
    """Return the root of a `DAV:multistatus` that is valid."""
    SCHEMA.assertValid(etree.fromstring(content))
    return parse(content)


def clean(text: str) -> str:
    """Return text as XML can say it."""
    return "".join(each if _is_char(ord(each)) else "\ufffd" for each in text)


def _is_char(code: int) -> bool:
    """Char of XML 1.0 (2.2)."""
    return (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or code >= 0x10000
    )


def get_facts(content: bytes) -> dict[str, Any]:
    """Return what a `DAV:multistatus` says, in the terms that both formats share."""
    root = validate(content)
    summary = root.find(f"{M}summary")
    assert summary is not None
    return {
        "results": [_get_result(each) for each in root.iter(f"{D}response")],
        "summary": {
            name: value == "true" if name == "committed" else int(value)
            for name, value in summary.attrib.items()
        },
    }


def get_json_facts(document: Any) -> dict[str, Any]:
    """Return what the JSON of the same answer says, in the same terms."""
    return {
        "results": [_get_json_result(each) for each in document["results"]],
        "summary": document["summary"],
    }


def _get_result(response: Element) -> dict[str, Any]:
    operation = response.find(f"{M}operation")
    assert operation is not None
    failing = [
        name.tag.removeprefix(F)
        for propstat in response.findall(f"{D}propstat")
        if propstat.find(f"{D}error") is not None
        for name in propstat.findall(f"{D}prop/*")
    ]
    errors = response.findall(f"{D}error")
    if operation.attrib["status"][0] != "2":
        assert len(errors) == 1, "every failed operation has a response-level error"
    if failing and all(each.get("pointer") is None for each in errors[0]):
        # That of the whole, beside the errors of the fields.
        errors = []
    codes = [
        (unescape_name(each.tag.removeprefix(M)), each.get("pointer"))
        for error in [*errors, *response.findall(f"{D}propstat/{D}error")]
        for each in error
        if each.tag.startswith(M)
    ]
    return {
        "index": int(operation.attrib["index"]),
        "ref": operation.get("ref"),
        "method": operation.get("method"),
        "status": int(operation.attrib["status"]),
        "retry_after": operation.get("retry-after"),
        "etag": operation.get("etag"),
        "fields": sorted(map(unescape_name, failing)),
        "codes": sorted(codes, key=str),
    }


def _get_json_result(result: dict[str, Any]) -> dict[str, Any]:
    error = result.get("error", {})
    errors = error.get("errors") or ([error] if error else [])
    pointers = [each.get("pointer") for each in errors]
    ref, wait = result.get("ref"), result.get("retry_after")
    return {
        "index": result["index"],
        "ref": None if ref is None else clean(ref),
        "method": result.get("method"),
        "status": result["status"],
        "retry_after": None if wait is None else str(wait),
        "etag": result.get("etag"),
        "fields": sorted(
            {get_field(each) for each in pointers if each and each.startswith("#/")}
        ),
        "codes": sorted(
            [
                (each["code"], pointer and clean(pointer))
                for each, pointer in zip(errors, pointers, strict=True)
            ],
            key=str,
        ),
    }


def get_field(pointer: str) -> str:
    """Return the first member that a pointer in fragment form names."""
    token = unquote(pointer.removeprefix("#/").split("/")[0])
    return token.replace("~1", "/").replace("~0", "~")
