"""README and docs are true: their code runs, their requests are answered as they show.

Each page is one story, told from the top: its blocks share a namespace and a database.

    python    is run; a first line `# mysite/settings.py` makes it settings, and
              `# places/tests.py` a file of tests
    http      a request is sent, an answer is compared with what came
    console   `manage.py` is run and its output compared; make targets and extras exist
    json xml  can be parsed

`<!-- given … -->` holds Python that runs before, and that no reader needs to see; `api`
is the client that sends the requests.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.apps import apps
from django.core.wsgi import get_wsgi_application

from tests.docs_pages import (
    MODULES,
    PAGES,
    QUICK_START,
    RECIPES,
    ROOT,
    Story,
    get_blocks,
)


@pytest.fixture
def story(
    transactional_db: None, settings: Any, tmp_path: Path, monkeypatch: Any
) -> Iterator[Story]:
    """Return the project of the docs, which is made by the quick start."""
    (tmp_path / "places").mkdir()
    (tmp_path / "places" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "places"]
    story = Story(settings)
    for name in MODULES:
        monkeypatch.setitem(sys.modules, name, story.module)
    transport = httpx.WSGITransport(app=get_wsgi_application())
    monkeypatch.setattr(httpx, "Client", partial(httpx.Client, transport=transport))
    try:
        story.begin()
        yield story
    finally:
        story.end()
        apps.all_models.pop("places", None)
        apps.clear_cache()


@pytest.mark.once
def test_pages_are_many_and_compared() -> None:
    """A pattern that finds nothing must not pass for pages that are true."""
    answers = [
        block
        for page in PAGES
        for block in get_blocks(page)
        if block.language == "http" and block.text.startswith("HTTP/")
    ]

    assert len(answers) >= 25
    assert all(each.text.startswith("HTTP/1.1 ") for each in answers)
    for page in PAGES:
        fences = page.read_text().count("```")
        known = sum(1 for block in get_blocks(page) if block.language != "given")
        others = page.read_text().count("```{")
        assert fences == 2 * (known + others), page


@pytest.mark.once
def test_docs_name_no_other_place() -> None:
    for page in PAGES:
        assert not re.search(r"/work/|/tmp/|/home/|pypi\.org", page.read_text()), page


@pytest.mark.once
def test_quick_start_by_hand(tmp_path: Path) -> None:
    """The quick start in a directory of its own, with Django's own commands."""
    run(tmp_path, "-m", "django", "startproject", "mysite", ".")
    run(tmp_path, "manage.py", "startapp", "places")
    for block in get_blocks(QUICK_START):
        if block.language != "python":
            continue
        file = tmp_path / block.text.partition("\n")[0].removeprefix("# ")
        if file.name == "settings.py":
            addition = block.text.replace("= [\n    ...,", "+= [")
            file.write_text(file.read_text() + addition)
        else:
            file.write_text(block.text)

    run(tmp_path, "manage.py", "makemigrations", "places")
    run(tmp_path, "manage.py", "migrate")
    answered = run(tmp_path, "-c", _ASK)

    assert "no issues" in run(tmp_path, "manage.py", "check")
    assert answered.split() == [
        "207", "total=2,", "succeeded=1,", "failed=1,", "committed=?1",
    ]  # fmt: skip


_ASK = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
import django
django.setup()
from django.test import Client
response = Client(headers={"host": "localhost"}).post(
    "/api/cities/bulk/",
    [{"name": "Turku", "country": "FI"}, {"name": "Turku"}],
    content_type="application/json",
)
print(response.status_code, response["Multistatus-Summary"])
"""


def run(directory: Path, *arguments: str) -> str:
    """Run Python in a project that knows nothing of this one."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DJANGO_SETTINGS_MODULE", "PYTHONPATH")
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=directory,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page != RECIPES],
    ids=lambda page: str(page.relative_to(ROOT)),
)
@pytest.mark.once
def test_page_is_true(page: Path, story: Story) -> None:
    for block in get_blocks(page):
        if page != QUICK_START or block.language != "python":
            try:
                story.tell(block)
            except Exception as exc:
                exc.add_note(f"in the block at {block.place}")
                raise
