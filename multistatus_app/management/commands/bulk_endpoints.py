"""`manage.py bulk_endpoints`: the methods in bulk, how they run, and the reasons."""

from __future__ import annotations

import json
import shutil
import textwrap
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import get_script_prefix

from multistatus_app.handlers.routes import (
    Route,
    SingleRoutes,
    explain_method,
    get_routes_by_viewset,
    get_single_routes,
)
from multistatus_app.mixins import BulkModelMixin
from multistatus_app.overrides.decisions import Depth
from multistatus_app.requests.endpoints import SINGLE_ACTIONS, get_offered_methods

_GAP: Final = "  "
# The least width of the last column, however narrow the terminal.
_NARROWEST: Final = 20


class Command(BaseCommand):
    """Lists each viewset with `BulkModelMixin` that the URLconf leads to.

    `--json` prints one object, whose members stay as they are:

        {"viewsets": [{
            "viewset": "shop.views.CityViewSet",
            "routes": [{"path": "/api/cities/bulk/",   parameters as {name}
                        "name": "city-bulk",           for reverse(); may be null
                        "methods": ["POST", "PUT"],
                        "limit": 1000}],               null: a property tells it
            "methods": [{"method": "POST",
                         "depth": 1,                   1 singly, 2 sets
                         "depth_name": "singly",
                         "reasons": ["..."]}]}]}       why not in sets
    """

    help = (
        "Lists the bulk routes with their methods and limits, and for each method how "
        "its operations are run (1 singly: the view of the single route is called for "
        "each; 2 sets: many operations in one statement), with the reason why not in "
        "sets."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add `--json`."""
        parser.add_argument(
            "--json", action="store_true", help="Print JSON instead of tables."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the viewsets."""
        viewsets = [
            describe(viewset, routes)
            for viewset, routes in get_routes_by_viewset(BulkModelMixin).items()
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"viewsets": viewsets}, indent=2))
        elif viewsets:
            width = shutil.get_terminal_size().columns
            self.stdout.write("\n".join(write_tables(viewsets, width=width)))
        else:
            urlconf = getattr(settings, "ROOT_URLCONF", None)
            self.stdout.write(
                f"The URLconf {urlconf} leads to no viewset with BulkModelMixin. "
                f"Let a viewset subclass multistatus_app.viewsets.BulkModelViewSet "
                f"and register it with a router."
            )


def describe(
    viewset: type[BulkModelMixin[Any]], routes: Iterable[Route]
) -> dict[str, Any]:
    """Return one viewset as `--json` prints it."""
    prefix = get_script_prefix().rstrip("/")
    ours = [route for route in routes if route.is_bulk]
    singles = [get_single_routes(route.callback) for route in ours]
    return {
        "viewset": f"{viewset.__module__}.{viewset.__qualname__}",
        "routes": [
            {
                "path": prefix + route.path,
                "name": route.name,
                "methods": list(route.methods),
                "limit": route.limit,
            }
            for route in ours
        ],
        "methods": [
            _describe_method(viewset, method, singles)
            for method in _get_methods(viewset, singles)
        ],
    }


def _get_methods(
    viewset: type[BulkModelMixin[Any]], singles: Sequence[SingleRoutes]
) -> tuple[str, ...]:
    """Return the methods of the routes, or of the class if there are none."""
    if not singles:
        return get_offered_methods(viewset)
    offered = {method for each in singles for method in each.offered}
    return tuple(method for method in SINGLE_ACTIONS if method in offered)


def _describe_method(
    viewset: type[BulkModelMixin[Any]], method: str, singles: Sequence[SingleRoutes]
) -> dict[str, Any]:
    found = [each.get(method) for each in singles if method in each.offered]
    routes = [route for route in found if route is not None]
    reasons = explain_method(viewset, method, routes)
    depth = Depth.SINGLY if reasons else Depth.SETS
    return {
        "method": method,
        "depth": int(depth),
        "depth_name": depth.name.lower(),
        "reasons": list(reasons),
    }


def write_tables(viewsets: Sequence[dict[str, Any]], *, width: int) -> Iterator[str]:
    """Yield lines: for each viewset a table of its routes and one of its methods."""
    for number, viewset in enumerate(viewsets):
        if number:
            yield ""
        yield viewset["viewset"]
        if not viewset["methods"]:
            yield f"{_GAP}offers nothing in bulk"
            continue
        yield ""
        yield from _write_table(
            ("ROUTE", "LIMIT", "METHODS"), _get_routes(viewset), width
        )
        yield ""
        yield from _write_table(
            ("METHOD", "DEPTH", "REASON"), _get_depths(viewset), width
        )


def _get_routes(viewset: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (
            route["path"],
            "dynamic" if route["limit"] is None else str(route["limit"]),
            " ".join(route["methods"]),
        )
        for route in viewset["routes"]
    ] or [("not routed", "", "")]


def _get_depths(viewset: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (
            each["method"],
            f"{each['depth']} {each['depth_name']}",
            "; ".join(each["reasons"]),
        )
        for each in viewset["methods"]
    ]


def _write_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> Iterator[str]:
    """Yield the lines of a table whose last column is wrapped to the width."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    used = sum(widths[:-1]) + len(_GAP) * len(head)
    widths[-1] = min(widths[-1], max(width - used, _NARROWEST))
    lines = [head, ["-" * each for each in widths], *rows]
    for line in lines:
        *cells, last = line
        start = [cell.ljust(size) for cell, size in zip(cells, widths, strict=False)]
        for text in textwrap.wrap(last, widths[-1]) or [""]:
            yield _GAP + _GAP.join([*start, text]).rstrip()
            start = [" " * size for size in widths[:-1]]
