"""What the demo says on the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

from demo_project.tour.loads import Load


def print_loads(console: Console, loads: Iterable[Load]) -> None:
    """Print what was created, and what was refused and why."""
    created = Table(title="Loaded through the bulk endpoint", title_justify="left")
    created.add_column("Resource")
    for heading in ("Wanted", "There before", "Created", "Refused", "Seconds"):
        created.add_column(heading, justify="right")
    refused = Table(title="Refused, and why", title_justify="left")
    refused.add_column("Status", justify="right")
    refused.add_column("Code")
    refused.add_column("Detail")
    refused.add_column("Count", justify="right")
    refused.add_column("For example")
    for load in loads:
        created.add_row(
            load.path,
            f"{len(load.documents):,}",
            f"{load.existing:,}",
            f"{load.created:,}",
            f"{load.refused.total():,}",
            f"{load.seconds:.1f}",
        )
        for reason, number in load.refused.most_common():
            refused.add_row(
                str(reason.status),
                reason.code,
                reason.detail,
                f"{number:,}",
                load.examples[reason],
            )
    console.print(created)
    if refused.row_count:
        console.print(refused)


def print_exchange(
    console: Console,
    *,
    language: str,
    request: tuple[str, str],
    answer: tuple[str, str],
) -> None:
    """Print a request and its answer: of each the first line, and the body."""
    for heading, text in (request, answer):
        syntax = Syntax(text, language, theme="ansi_dark", word_wrap=True)
        console.print(Panel(syntax, title=heading, title_align="left"))


def print_addresses(console: Console, address: str, *, admin: str) -> None:
    """Print where to go from here."""
    table = Table.grid(padding=(0, 2))
    table.add_row("Swagger UI", f"{address}/api/docs/")
    table.add_row("Browsable API", f"{address}/api/")
    table.add_row("Admin", f"{address}/admin/  ({admin})")
    console.print(Panel(table, title="Serving, until Ctrl-C", title_align="left"))
