"""`manage.py demo`: real places, over real HTTP, through the bulk endpoints."""

from __future__ import annotations

import logging
from argparse import ArgumentParser
from functools import partial
from threading import Event
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from demo_project.tour import batches, geonames, reports
from demo_project.tour.clients import JSON, XML, Client, connect
from demo_project.tour.loads import Load
from demo_project.tour.servers import serve

ADMIN: Final = "admin"
"""Name and password of the demo's superuser."""


class Command(BaseCommand):
    """Migrate, serve, load, show; then go on serving."""

    help = "Load the countries and cities of GeoNames through the bulk endpoints."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what a test or a busy port needs."""
        parser.add_argument("--port", type=int, default=8000, help="default: 8000")
        parser.add_argument("--cities", type=int, help="how many; default: all")
        parser.add_argument(
            "--no-serve", action="store_true", help="end when all is shown"
        )

    def handle(
        self, *, port: int, cities: int | None, no_serve: bool, **options: Any
    ) -> None:
        """Run the demo."""
        console = Console()
        call_command("migrate", verbosity=0)
        admin = self.create_admin()
        logging.getLogger("django.server").setLevel(logging.ERROR)
        try:
            with serve(port) as address:
                with connect(address) as client:
                    self.load(console, client, cities)
                    self.show_batch(console, client)
                if no_serve:
                    return
                reports.print_addresses(console, address, admin=admin)
                self.wait()
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run it again to go on.") from None

    def create_admin(self) -> str:
        """Create the superuser of the demo, if there is none; say who it is."""
        users = get_user_model().objects
        if users.filter(is_superuser=True).exclude(username=ADMIN).exists():
            return "your own superuser"
        if not users.filter(username=ADMIN).exists():
            users.create_superuser(username=ADMIN, password=ADMIN)
        return f"name and password: {ADMIN}"

    def load(self, console: Console, client: Client, cities: int | None) -> None:
        """Load countries, then cities, and report."""
        loads = (
            Load(path="/api/countries/", documents=geonames.get_countries()),
            Load(path="/api/cities/", documents=geonames.get_cities(cities)),
        )
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console) as progress:
            for load in loads:
                task = progress.add_task(load.path, total=len(load.documents))
                load.run(client, partial(progress.advance, task))
        reports.print_loads(console, loads)

    def show_batch(self, console: Console, client: Client) -> None:
        """Send one mixed batch in either format; as a dry run, so that it stays."""
        path = "/api/cities/batch/?dry_run=true"
        cities = client.send("GET", "/api/cities/?page_size=3").read()["results"]
        operations = batches.get_operations(cities)
        for language, content_type, body, indent in (
            ("json", JSON, batches.to_json(operations), batches.indent_json),
            ("xml", XML, batches.to_xml(operations), batches.indent_xml),
        ):
            answer = client.send("POST", path, body=body, content_type=content_type)
            reports.print_exchange(
                console,
                language=language,
                request=(f"POST {path} {content_type}", body),
                answer=(answer.line, indent(answer.text)),
            )

    def wait(self) -> None:
        """Serve until Ctrl-C."""
        logging.getLogger("django.server").setLevel(logging.INFO)
        try:
            Event().wait()
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
