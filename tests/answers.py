"""Requests written short, and what their answers say."""

from __future__ import annotations

from typing import Any

from multistatus_app.outcomes import ABSENT


def op(method: str, key: Any = ABSENT, data: Any = ABSENT, **more: Any) -> Any:
    """Return one operation of a batch."""
    members = {"method": method, "key": key, "data": data, **more}
    return {name: each for name, each in members.items() if each is not ABSENT}


def batch(*operations: Any) -> Any:
    """Return the body of a batch."""
    return {"operations": operations}


def get_results(response: Any) -> list[dict[str, Any]]:
    """Return the results of a 207, without the digests that entity tags are."""
    assert response.status_code == 207, response.content
    return [
        {name: value for name, value in result.items() if name != "etag"}
        for result in response.json()["results"]
    ]


def get_statuses(response: Any) -> list[int]:
    """Return the statuses of a 207."""
    return [result["status"] for result in get_results(response)]


def get_details(response: Any) -> list[str | None]:
    """Return the sentences of the failures in a 207, None for a success."""
    return [each.get("error", {}).get("detail") for each in get_results(response)]


def get_error(code: str, detail: str, status: int, title: str) -> dict[str, Any]:
    """Return a problem object without messages."""
    return {"status": status, "title": title, "code": code, "detail": detail}
