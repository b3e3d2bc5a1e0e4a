"""One mixed batch, the same in JSON and in XML."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

from defusedxml import minidom


def get_operations(cities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return operations on three cities and a new one, of which some cannot be done."""
    first, second, third = cities
    atlantis = {
        "geonameid": 999_999_998,
        "name": "Atlantis",
        "country": "GR",
        "latitude": "36.39320",
        "longitude": "25.46150",
        "population": 1,
    }
    sunken = {"geonameid": 999_999_999, "name": "Atlantis, sunken", "population": 0}
    return [
        {"method": "POST", "ref": "atlantis", "data": atlantis},
        {"method": "POST", "ref": "sunken", "data": atlantis | sunken},
        {
            "method": "PATCH",
            "key": first["id"],
            "data": {"population": first["population"] + 1},
        },
        {
            "method": "PATCH",
            "key": second["id"],
            "data": {"name": first["name"], "latitude": "91"},
        },
        {"method": "DELETE", "key": third["id"]},
        {"method": "DELETE", "key": third["id"]},
    ]


def to_json(operations: list[dict[str, Any]]) -> str:
    """Return the body of a batch in JSON."""
    return json.dumps({"operations": operations}, indent=2, ensure_ascii=False)


def to_xml(operations: list[dict[str, Any]]) -> str:
    """Return the body of a batch in XML: members as attributes, data as elements."""
    lines = ['<m:batch xmlns:m="urn:multistatus" xmlns="urn:multistatus:fields">']
    for operation in operations:
        attributes = "".join(
            f' {name}="{escape(str(value))}"'
            for name, value in operation.items()
            if name != "data"
        )
        if "data" not in operation:
            lines.append(f"  <m:operation{attributes}/>")
            continue
        lines.append(f"  <m:operation{attributes}>")
        for name, value in operation["data"].items():
            lines.append(f"    <{name}>{escape(str(value))}</{name}>")
        lines.append("  </m:operation>")
    return "\n".join([*lines, "</m:batch>"])


def indent_json(text: str) -> str:
    """Return JSON for the eye."""
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False)


def indent_xml(text: str) -> str:
    """Return XML for the eye."""
    document = minidom.parseString(re.sub(r">\s+<", "><", text))
    pretty: bytes = document.toprettyxml(indent="  ", encoding="utf-8")
    return pretty.decode().rstrip()
