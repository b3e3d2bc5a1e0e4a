"""The demo as its user meets it: the command, the refusals, the pages."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from defusedxml import ElementTree
from django.db import connection
from django.test import Client, override_settings
from rest_framework.test import APIClient

pytest.importorskip("drf_spectacular", reason="The demo has OpenAPI pages.")

from demo_project import settings
from demo_project.atlas.models import City, Country
from demo_project.tour.servers import get_server

ROOT = Path(__file__).resolve().parent.parent
RunDemo = Callable[..., str]


def get_row(text: str, first: str) -> list[str]:
    """Return the cells of the table row that starts with `first`."""
    (row,) = re.findall(rf"^│ {re.escape(first)} .*│$", text, re.MULTILINE)
    return [cell.strip() for cell in row.strip("│").split("│")]


def get_answers(text: str) -> list[str]:
    """Return the bodies of the 207s that are shown, out of their frames."""
    panels = re.findall(r"^╭─ 207 [^╮]+╮\n(.+?)^╰", text, re.MULTILINE | re.DOTALL)
    return [re.sub(r"^│ | *│$", "", panel, flags=re.MULTILINE) for panel in panels]


@pytest.fixture
def run_demo(transactional_db: None, tmp_path: Path) -> RunDemo:
    """Return a function that runs `manage.py demo` to its end, on a fresh database."""
    database = connection.settings_dict
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "demo_project.settings",
        "PYTHONWARNINGS": "error",
        "COLUMNS": "200",
        "SQLITE_DB": str(tmp_path / "demo.sqlite3"),
        "POSTGRES_DB": str(database["NAME"]),
        "MARIADB_DB": str(database["NAME"]),
    }

    def run(*arguments: str) -> str:
        command = [sys.executable, "manage.py", "demo", "--no-serve", *arguments]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return run


def test_demo_twice(run_demo: RunDemo) -> None:
    first = run_demo("--port", "0", "--cities", "300")
    second = run_demo("--port", "0", "--cities", "300")

    assert get_row(first, "/api/countries/")[1:5] == ["252", "0", "252", "0"]
    assert get_row(first, "/api/cities/")[1:5] == ["300", "0", "298", "2"]
    assert get_row(second, "/api/countries/")[1:5] == ["252", "252", "0", "0"]
    assert get_row(second, "/api/cities/")[1:5] == ["300", "298", "0", "2"]
    for text in (first, second):
        assert get_row(text, "   400 │ unique")[2:] == [
            "The fields country, region, name must make a unique set.",
            "2",
            "Dondo AO",
        ]


def test_demo_shows_the_batch_in_both_formats(run_demo: RunDemo) -> None:
    in_json, in_xml = get_answers(run_demo("--port", "0", "--cities", "3"))

    statuses = [result["status"] for result in json.loads(in_json)["results"]]
    assert statuses == [201, 409, 200, 400, 204, 404]
    assert json.loads(in_json)["summary"]["committed"] is False
    operations = ElementTree.fromstring(in_xml).iter("{urn:multistatus}operation")
    assert [int(each.attrib["status"]) for each in operations] == statuses


@pytest.fixture
def atlas(db: None) -> Iterator[None]:
    """One country with one city, behind the routes of the demo and its settings."""
    country = Country.objects.create(
        code="FI", geonameid=660013, name="Finland", continent="EU", population=5518050
    )
    City.objects.create(
        geonameid=658225,
        name="Helsinki",
        country=country,
        region="01",
        latitude="60.16952",
        longitude="24.93545",
        population=658864,
    )
    with override_settings(
        ROOT_URLCONF=settings.ROOT_URLCONF, REST_FRAMEWORK=settings.REST_FRAMEWORK
    ):
        yield


UNINHABITED = {
    "geonameid": 1,
    "name": "Pyhäkoski",
    "country": "FI",
    "latitude": "64.9",
    "longitude": "26.0",
    "population": 0,
}


@pytest.mark.usefixtures("atlas")
def test_single_conflict() -> None:
    response = APIClient().post("/api/cities/", UNINHABITED, format="json")

    assert response.status_code == 409
    assert response.data["detail"].code == "conflict"


@pytest.mark.usefixtures("atlas")
def test_single_protected() -> None:
    response = APIClient().delete("/api/countries/FI/")

    assert response.status_code == 409
    assert response.data["detail"].code == "protected"


@pytest.mark.usefixtures("atlas")
def test_bulk_refuses_as_single() -> None:
    client = APIClient()
    conflict = client.post("/api/cities/bulk/", [UNINHABITED], format="json")
    protected = client.delete("/api/countries/bulk/", ["FI"], format="json")

    errors = [answer.json()["results"][0]["error"] for answer in (conflict, protected)]
    assert [(error["status"], error["code"]) for error in errors] == [
        (409, "conflict"),
        (409, "protected"),
    ]


@pytest.mark.usefixtures("atlas")
def test_swagger_asks_no_other_host(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()

    assert "swagger-ui-bundle.js" in page
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page) == []


@pytest.mark.usefixtures("atlas")
@pytest.mark.parametrize("path", ["country/?q=helsinki", "city/?q=helsinki"])
def test_admin(admin_client: Client, path: str) -> None:
    response = admin_client.get(f"/admin/atlas/{path}")

    assert response.status_code == 200


def test_taken_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with get_server(port) as server:
            assert server.server_port not in {0, port}
