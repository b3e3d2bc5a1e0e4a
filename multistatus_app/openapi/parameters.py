"""The parameters of our routes: query options, request and response headers."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter


def _option(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, bool, description=description, default=False)


def _header(
    name: str, description: str, kind: type = str, **options: Any
) -> OpenApiParameter:
    return OpenApiParameter(name, kind, "header", description=description, **options)


PARAMETERS: Final = (
    _option("atomic", "All or nothing: one failure undoes everything."),
    _option("dry_run", "Run everything, answer the true statuses, keep nothing."),
    _option(
        "only_failures",
        "List only the results that failed, each with its index; the summary counts "
        "all.",
    ),
    _header(
        "Prefer",
        "With `return=minimal`, successful results come without `data` (RFC 7240).",
        enum=["return=minimal", "return=representation"],
    ),
    _header(
        "Multistatus-Summary",
        "The summary as a dictionary of RFC 9651: "
        "`total=4, succeeded=2, failed=2, committed=?1`.",
        required=True,
        response=[207],
    ),
    _header(
        "Preference-Applied",
        "The preference that was applied, if any (RFC 7240).",
        response=[207],
    ),
    _header("Retry-After", "Seconds after which to come again.", int, response=[429]),
)
