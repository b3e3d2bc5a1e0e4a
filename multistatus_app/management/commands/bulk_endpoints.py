"""`manage.py bulk_endpoints`: the methods in bulk, how they run, and the reasons."""

from __future__ import annotations

import json
import shutil
import textwrap
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
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

    The members of `--json` are told in docs/guides/command.md and stay as they are.
    """

    help = (
        "Lists the bulk routes with their methods and limits, and for each method how "
        "its operations are run (1 singly: the view of the single route is called for "
        "each; 2 sets: many operations in one statement), with the reason why not in "
        "sets."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add `--json`."""
        note = "Print JSON instead of tables."
        parser.add_argument("--json", action="store_true", help=note)

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
            tables = ["\n".join(write_viewset(each, width=width)) for each in viewsets]
            self.stdout.write("\n\n".join(tables))
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
    # Without routes of ours, the methods are those of the class.
    offered = chain.from_iterable(each.offered for each in singles)
    methods = {*offered} if singles else {*get_offered_methods(viewset)}
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
            for method in SINGLE_ACTIONS
            if method in methods
        ],
    }


def _describe_method(
    viewset: type[BulkModelMixin[Any]], method: str, singles: Sequence[SingleRoutes]
) -> dict[str, Any]:
    found = [each.get(method) for each in singles if method in each.offered]
    reasons = explain_method(viewset, method, filter(None, found))
    depth = Depth.SINGLY if reasons else Depth.SETS
    return {
        "method": method,
        "depth": int(depth),
        "depth_name": depth.name.lower(),
        "reasons": list(reasons),
    }


def write_viewset(viewset: dict[str, Any], *, width: int) -> Iterator[str]:
    """Yield the lines of one viewset: a table of its routes and one of its methods."""
    yield viewset["viewset"]
    if not viewset["methods"]:
        yield f"{_GAP}offers nothing in bulk"
        return
    routes = [
        (
            route["path"],
            "dynamic" if route["limit"] is None else str(route["limit"]),
            " ".join(route["methods"]),
        )
        for route in viewset["routes"]
    ]
    yield ""
    yield from _write_table(
        ("ROUTE", "LIMIT", "METHODS"), routes or [("not routed", "", "")], width
    )
    methods = [
        (
            each["method"],
            f"{each['depth']} {each['depth_name']}",
            "; ".join(each["reasons"]),
        )
        for each in viewset["methods"]
    ]
    yield ""
    yield from _write_table(("METHOD", "DEPTH", "REASON"), methods, width)


def _write_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> Iterator[str]:
    """Yield the lines of a table whose last column is wrapped to the width."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    used = sum(widths[:-1]) + len(_GAP) * len(head)
    widths[-1] = min(widths[-1], max(width - used, _NARROWEST))
    for *cells, last in (head, ["-" * each for each in widths], *rows):
        for text in textwrap.wrap(last, widths[-1]) or [""]:
            line = zip([*cells, text], widths, strict=True)
            yield _GAP + _GAP.join(cell.ljust(size) for cell, size in line).rstrip()
            cells = [""] * len(cells)
