"""Assertions on 207 responses, for the tests of projects.

    from multistatus_app.testing import assert_multistatus, get_codes

    def test_the_second_is_taken(client):
        response = client.post("/api/cities/bulk/", [OULU, OULU], format="json")

        results = assert_multistatus(response, [201, 400])
        assert get_codes(results[1]) == {"#/geonameid": ["unique"]}

They take the responses of Django's and DRF's test clients, in JSON and in XML.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any, Final

from rest_framework.utils.encoders import JSONEncoder

from multistatus_app.outcomes import get_phrase

_LONGEST_BODY: Final = 1000


def assert_multistatus(
    response: Any, statuses: Iterable[int], *, committed: bool | None = None
) -> list[dict[str, Any]]:
    """Return the results of a 207 that has exactly these statuses, in order.

    `response` is one of Django's or DRF's test clients, in JSON or XML. `committed`
    also asserts the summary's `committed`, if it is given.

        results = assert_multistatus(response, [201, 409])
        assert results[0]["data"]["name"] == "Oulu"

        assert_multistatus(dry_run, [201] * 500, committed=False)

    Raises:
        AssertionError: another response, with the errors of each result that differs.
    """
    __tracebackhide__ = True
    document = _get_document(response)
    results: list[dict[str, Any]] = document["results"]
    expected = [int(status) for status in statuses]
    parts = list(_get_differences(results, expected))
    kept = document["summary"]["committed"]
    if committed is not None and kept is not committed:
        parts.append(f"Expected committed to be {committed}, got {kept}.")
    if parts:
        raise AssertionError("\n".join(parts))
    return results


def get_results(response: Any) -> list[dict[str, Any]]:
    """Return the results of a 207 as in its JSON, also for an XML response.

        refs = {result["ref"]: result["status"] for result in get_results(response)}

    Raises:
        AssertionError: another response.
    """
    __tracebackhide__ = True
    results: list[dict[str, Any]] = _get_document(response)["results"]
    return results


def get_codes(result: dict[str, Any]) -> dict[str | None, list[str]]:
    """Return the error codes of one result by pointer, none for a success.

    The pointer is None if the failure is not about a value in the operation's data.

        assert get_codes(results[1]) == {"#/population": ["min_value"]}
        assert get_codes(results[2]) == {None: ["not_found"]}
    """
    codes: dict[str | None, list[str]] = {}
    for error in _get_errors(result):
        codes.setdefault(error.get("pointer"), []).append(error["code"])
    return codes


def _get_document(response: Any) -> dict[str, Any]:
    """Return the document as in JSON.

    Raises:
        AssertionError: no 207, or none of ours.
    """
    __tracebackhide__ = True
    if response.status_code != 207:
        raise AssertionError(
            f"Expected 207 Multi-Status, got {response.status_code} "
            f"{get_phrase(response.status_code)}{_get_body(response)}"
        )
    multistatus = getattr(response, "multistatus", None)
    if multistatus is not None:
        # Through JSON, so that a date is the text that a client gets.
        document = json.loads(json.dumps(multistatus.to_dict(), cls=JSONEncoder))
    else:
        document = _read_json(response)
    if not isinstance(document, dict) or not document.keys() >= {"results", "summary"}:
        raise AssertionError(
            f"Expected results and a summary in the 207, got{_get_body(response)}"
        )
    return document


def _read_json(response: Any) -> Any:
    try:
        return json.loads(response.content)
    except ValueError:
        return None


def _get_body(response: Any) -> str:
    """Return the response's body as the end of a sentence."""
    if getattr(response, "is_rendered", True):
        content = getattr(response, "content", b"")
        body = content.decode(errors="replace")
    else:
        body = str(response.data)
    if not body:
        return " without a body."
    if len(body) > _LONGEST_BODY:
        body = f"{body[:_LONGEST_BODY]}…"
    return f":\n{body}"


def _get_differences(
    results: list[dict[str, Any]], expected: list[int]
) -> Iterator[str]:
    """Yield lines about the differences, none if there are none."""
    if len(results) != len(expected):
        yield f"Expected {len(expected)} results, got {len(results)}."
    pairs = list(zip_longest(expected, results))
    differing = [
        (index, status, result)
        for index, (status, result) in enumerate(pairs)
        if result is None or result["status"] != status
    ]
    if differing:
        yield f"{len(differing)} of {len(pairs)} statuses are not as expected:"
    for index, status, result in differing:
        yield _get_line(index, status, result)
        error = (result or {}).get("error", {})
        yield from map(_write_error, error.get("errors", ()))


def _get_line(index: int, status: int | None, result: dict[str, Any] | None) -> str:
    """Return a line that names the operation, its expected and its actual status."""
    who = [f"index {index}"]
    if result and "ref" in result:
        who.append(f"ref {json.dumps(result['ref'], ensure_ascii=False)}")
    if result and "method" in result:
        who.append(result["method"])
    wanted = "no result" if status is None else str(status)
    got = "no result" if result is None else _get_status(result)
    return f"  {', '.join(who)}: expected {wanted}, got {got}"


def _get_status(result: dict[str, Any]) -> str:
    if "error" not in result:
        return f"{result['status']} {get_phrase(result['status'])}"
    return f"{result['status']} {result['error']['code']}: {result['error']['detail']}"


def _get_errors(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the separate errors, or the problem itself if it has none."""
    error = result.get("error")
    if error is None:
        return []
    return error.get("errors") or [{"code": error["code"], "detail": error["detail"]}]


def _write_error(error: dict[str, Any]) -> str:
    return f"    {error['pointer']} {error['code']}: {error['detail']}"
