"""The demo in a real browser: Swagger UI and the browsable API."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("drf_spectacular", reason="The demo has OpenAPI pages.")

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from demo_project.atlas.models import City, Country
from tests.xml import get_facts

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
JSON = "application/json"
XML = "application/xml"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.once,
    pytest.mark.skipif(
        CHROMIUM is None and "CI" not in os.environ, reason="There is no chromium."
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start chromium once."""
    assert CHROMIUM, "CI has no chromium; install the Debian package chromium."
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's event loop runs in this thread; Django refuses queries beside it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Iterator[Page]:
    """Return a page that asks nobody but the live server, and has no errors."""
    errors: list[str] = []
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 1280, "height": 1000}
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "request",
        lambda request: (
            request.url.startswith((live_server.url, "data:", "blob:"))
            or errors.append(f"outside request: {request.url}")
        ),
    )
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def cities(browser: Browser, settings: Any, transactional_db: None) -> list[City]:
    """Return three cities of the demo, which is what the live server serves."""
    settings.ROOT_URLCONF = "demo_project.urls"
    finland = Country.objects.create(
        code="FI", geonameid=660013, name="Finland", continent="EU", population=5518050
    )
    return [
        City.objects.create(
            geonameid=number,
            name=name,
            country=finland,
            latitude=60,
            longitude=25,
            population=100_000,
        )
        for number, name in enumerate(("Espoo", "Oulu", "Turku"), 660129)
    ]


def save_screenshot(shown: Locator, tmp_path: Path, name: str) -> None:
    """Save a picture, for whoever wants to look; `SCREENSHOTS` names a directory."""
    directory = Path(os.environ.get("SCREENSHOTS") or tmp_path)
    shown.screenshot(path=directory / f"{name}.png")


def get_mixed_batch(cities: list[City]) -> dict[str, Any]:
    """Return operations of which two succeed and two fail."""
    first, second, _ = cities
    return {
        "operations": [
            {"method": "PATCH", "key": first.pk, "data": {"population": 314_024}},
            {"method": "PATCH", "key": second.pk, "data": {"latitude": "91"}},
            {"method": "DELETE", "key": second.pk},
            {"method": "DELETE", "key": 999_999},
        ]
    }


def open_operation(page: Page, name: str) -> Locator:
    """Open an operation of Swagger UI, for trying it out."""
    page.goto("/api/docs/")
    operation = page.locator(f'[id$="{name}"].opblock')
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    return operation


class TestSwaggerUI:
    """ "Try it out" of a mixed batch."""

    @pytest.mark.parametrize("media_type", [JSON, XML])
    def test_mixed_batch(
        self, cities: list[City], page: Page, tmp_path: Path, media_type: str
    ) -> None:
        operation = open_operation(page, "cities_batch_create")
        body = operation.locator("textarea.body-param__text")
        assert [each["method"] for each in json.loads(body.input_value())["operations"]]
        body.fill(json.dumps(get_mixed_batch(cities), indent=2))
        operation.locator(
            ".response", has=page.locator("td", has_text=re.compile("^207$"))
        ).get_by_label("Media Type").select_option(media_type)
        with page.expect_response("**/api/cities/batch/**") as answer:
            operation.get_by_role("button", name="Execute").click()
        live = operation.locator(".live-responses-table")
        live.locator(".response-col_status", has_text="207").wait_for()
        shown = live.locator("tr.response .response-col_description").inner_text()
        save_screenshot(operation, tmp_path, f"swagger-{media_type.partition('/')[2]}")

        content = answer.value.body()
        if media_type == JSON:
            results = json.loads(content)["results"]
        else:
            results = get_facts(content)["results"]
        assert [each["status"] for each in results] == [200, 400, 204, 404]
        # Swagger UI drops the space after a comma.
        assert "multistatus-summary: total=4,succeeded=2,failed=2,committed=?1" in shown
        assert "Ensure this value is less than or equal to 90." in shown
        assert "No City matches the given query." in shown
        assert list(City.objects.values_list("name", "population")) == [
            ("Espoo", 314_024),
            ("Turku", 100_000),
        ]


class TestBrowsableAPI:
    """The forms of our routes, sent as they are; but what is new is filled in."""

    @pytest.mark.parametrize("route", ["bulk", "batch"])
    def test_post_the_form(
        self, cities: list[City], page: Page, tmp_path: Path, route: str
    ) -> None:
        page.goto(f"/api/cities/{route}/")
        save_screenshot(page.locator("body"), tmp_path, f"browsable-{route}")
        content = page.locator("#post-bulk-form textarea[name=_content]")
        body = json.loads(content.input_value())
        made = body[0] if route == "bulk" else body["operations"][0]["data"]
        assert made == {
            "geonameid": None,
            "name": "",
            "country": "FI",
            "region": "",
            "latitude": None,
            "longitude": None,
            "population": None,
        }
        made |= {"geonameid": 660_200, "name": "Vaasa", "population": 68_000}
        made |= {"latitude": "63.1", "longitude": "21.6"}
        content.fill(json.dumps(body))
        with page.expect_response(f"**/api/cities/{route}/") as answer:
            page.locator("#post-bulk-form").get_by_role("button", name="POST").click()
        # The page before it has a response, too: that of its GET.
        page.get_by_text("HTTP 207 Multi-Status").wait_for()
        save_screenshot(page.locator("body"), tmp_path, f"browsable-{route}-answer")
        shown = page.locator(".response-info").inner_text()

        assert answer.value.status == 207
        assert "HTTP 207 Multi-Status" in shown
        results = json.loads(shown[shown.index("\n{") :])["results"]
        expected = [201] if route == "bulk" else [201, 200, 200, 204]
        assert [each["status"] for each in results] == expected

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
    def test_send_the_example(
        self, cities: list[City], page: Page, tmp_path: Path, method: str
    ) -> None:
        page.goto("/api/cities/bulk/")
        form = page.locator(f"#{method.lower()}-bulk-form")
        with page.expect_response("**/api/cities/bulk/") as answer:
            form.get_by_role("button", name=method).click()
        page.get_by_text("HTTP 207 Multi-Status").wait_for()
        save_screenshot(page.locator("body"), tmp_path, f"browsable-{method.lower()}")
        shown = page.locator(".response-info").inner_text()

        assert answer.value.request.method == method
        status = 204 if method == "DELETE" else 200
        results = json.loads(shown[shown.index("\n{") :])["results"]
        assert [each["status"] for each in results] == [status, status]
        assert City.objects.count() == (1 if method == "DELETE" else 3)
