"""Pages of the docs, each a story that is told from the top."""

from __future__ import annotations

import inspect
import io
import json
import linecache
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import EllipsisType, ModuleType
from typing import Any
from xml.etree import ElementTree

from django.core.management import call_command
from django.db import connection, models
from django.test import Client
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.outcomes import get_phrase
from tests import xml

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
QUICK_START = DOCS / "quickstart.md"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
RECIPES = DOCS / "guides" / "undone.md"
"""Its sections need libraries: `tests/recipes` tells them, each in a process."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MODULES = (
    "places.models",
    "places.serializers",
    "places.views",
    "places.routers",
    "places.tests",
    "mysite.urls",
)
"""What the project of the docs consists of; all of them are one module here."""

_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<language>[\w-]+)\n(?P<text>.*?)^(?P=indent)```$"
    r"|^<!-- given\n(?P<given>.*?)^-->$",
    re.MULTILINE | re.DOTALL,
)
_COMMAND = re.compile(r"^\$ (.*)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def get_blocks(page: Path) -> Iterator[Block]:
    """Return the blocks of a page, in order."""
    source = page.read_text()
    for match in _BLOCK.finditer(source):
        text = match["given"] or match["text"]
        indent = match["indent"] or ""
        yield Block(
            page=page,
            line=source.count("\n", 0, match.start()) + 1,
            language="given" if match["given"] else match["language"],
            text=re.sub(f"^{indent}", "", text, flags=re.MULTILINE),
        )


class Story:
    """One page, told from the top."""

    def __init__(self, settings: Any) -> None:
        self.settings = settings
        self.module = ModuleType("places.models")
        self.client = APIClient(raise_request_exception=False)
        self.namespace = vars(self.module)
        self.namespace["api"] = self.client
        self.answer: Any = None
        self.routed: dict[str, type] = {}
        self.tables: list[type[models.Model]] = []

    def begin(self) -> None:
        """Have what the quick start has built."""
        for block in get_blocks(QUICK_START):
            if block.language == "python":
                self.run_python(block)

    def tell(self, block: Block) -> None:
        """Run a block, or compare it with what was run."""
        match block.language:
            case "python" | "given":
                self.run_python(block)
            case "http" if block.text.startswith("HTTP/"):
                check_answer(block, self.answer)
            case "http":
                self.answer = self.send(block)
            case "console":
                run_console(block)
            case "json":
                json.loads(block.text)
            case "xml":
                xml.parse(block.text.encode())
            case "text":
                pass
            case other:
                raise AssertionError(f"{block.place}: nobody tests {other} here.")

    def run_python(self, block: Block) -> None:
        """Run code in the page's one namespace, and bring up what it defines."""
        source = "\n" * block.line + block.text
        code = compile(source, block.place, "exec")
        # As if it stood in a file: the source of hooks is read.
        lines = source.splitlines(keepends=True)
        linecache.cache[block.place] = (len(source), None, lines, block.place)
        if block.text.startswith("# mysite/settings.py"):
            names: dict[str, Any] = {}
            exec(code, names)  # noqa: S102  # our own pages
            self.set(names)
            return
        before = dict(self.namespace)
        file = re.match(r"# (\w+)/(\w+)\.py\n", block.text)
        self.namespace["__name__"] = f"{file[1]}.{file[2]}" if file else "places.models"
        exec(code, self.namespace)  # noqa: S102  # our own pages
        new = {
            name: value
            for name, value in self.namespace.items()
            if inspect.isclass(value)
            and before.get(name) is not value
            and value.__module__.startswith("places.")
        }
        for value in new.values():
            if issubclass(value, models.Model):
                self.create_table(value)
            elif issubclass(value, BulkModelMixin):
                self.route(value)
        if self.namespace.get("urlpatterns") is not before.get("urlpatterns"):
            self.serve(self.namespace["urlpatterns"])
        if block.text.startswith("# places/tests.py"):
            run_tests(self.namespace)

    def set(self, names: dict[str, Any]) -> None:
        """Take settings over; the apps must be there already."""
        for name, value in names.items():
            if name == "INSTALLED_APPS":
                wanted = {each for each in value if not isinstance(each, EllipsisType)}
                assert wanted <= {*self.settings.INSTALLED_APPS, "drf_spectacular"}
            elif name.isupper():
                old = getattr(self.settings, name, None)
                value = old | value if isinstance(old, dict) else value
                setattr(self.settings, name, value)

    def create_table(self, model: type[models.Model]) -> None:
        """Create the table of a model that the page has shown."""
        with connection.schema_editor() as editor:
            for old in [
                each for each in self.tables if each.__name__ == model.__name__
            ]:
                editor.delete_model(old)
                self.tables.remove(old)
            editor.create_model(model)
        self.tables.append(model)

    def route(self, viewset: Any) -> None:
        """Route a viewset at `/api/` and its name in the plural."""
        self.routed[viewset.__name__.removesuffix("ViewSet").lower()] = viewset
        router = SimpleRouter()
        for name, each in self.routed.items():
            prefix = re.sub("y$", "ie", name) + "s"
            router.register(f"api/{prefix}", each, basename=name)
        self.serve(router.urls)

    def serve(self, urlpatterns: list[Any]) -> None:
        """Lead requests to views."""
        urlconf = ModuleType("urlconf")
        urlconf.urlpatterns = urlpatterns  # type: ignore[attr-defined]
        self.settings.ROOT_URLCONF = urlconf

    def send(self, block: Block) -> Any:
        """Send a request as it stands in a page."""
        line, headers, body = split_message(block.text)
        method, path, _ = line.split(" ")
        return self.client.generic(
            method,
            path,
            body.encode(),
            content_type=headers.pop("Content-Type", ""),
            headers=headers,
        )

    def end(self) -> None:
        """Leave nothing behind."""
        with connection.schema_editor() as editor:
            for model in reversed(self.tables):
                editor.delete_model(model)


def split_message(text: str) -> tuple[str, dict[str, str], str]:
    """Return start line, headers and body of a message."""
    head, _, body = text.partition("\n\n")
    line, *fields = head.rstrip("\n").split("\n")
    headers = dict(each.split(": ", 1) for each in fields)
    return line, headers, body.strip()


def check_answer(block: Block, response: Any) -> None:
    """Compare an answer with the one in a page; the page may indent it."""
    line, headers, body = split_message(block.text)
    status = response.status_code
    assert line == f"HTTP/1.1 {status} {get_phrase(status)}"
    assert {name: response.headers.get(name) for name in headers} == headers
    content = response.content.decode()
    if "json" in response.headers.get("Content-Type", ""):
        # As text, so that the order of the members counts.
        assert json.dumps(json.loads(body)) == json.dumps(json.loads(content))
    elif "xml" in response.headers.get("Content-Type", ""):
        if "multistatus" in response.__class__.__name__.lower():
            xml.validate(response.content)
        assert canonicalize(body) == canonicalize(content)
    else:
        assert body == content


def canonicalize(document: str) -> str:
    """Return XML without its indentation."""
    return ElementTree.canonicalize(document, strip_text=True)


def run_tests(namespace: dict[str, Any]) -> None:
    """Run the tests that a page shows, as pytest would with its plug-in for Django."""
    fixtures: dict[str, Callable[[], Any]] = {"client": Client, "db": lambda: None}
    for name, test in list(namespace.items()):
        if name.startswith("test_"):
            test(
                **{
                    each: fixtures[each]()
                    for each in inspect.signature(test).parameters
                }
            )
            del namespace[name]


def run_console(block: Block) -> None:
    """Run what `manage.py` is asked for; of others, see that they can be run."""
    _, *parts = _COMMAND.split(block.text)
    for command, output in zip(parts[::2], parts[1::2], strict=True):
        words = shlex.split(command, comments=True)
        match words:
            case [
                "python",
                "manage.py",
                "bulk_endpoints" | "check" as name,
                *arguments,
            ]:
                assert run_command(name, arguments) == output.strip("\n")
            case ["make", target, *_]:
                assert re.search(f"^{target}:", (ROOT / "Makefile").read_text(), re.M)
            case [_, "-m", "pip", "install", *packages] | ["pip", "install", *packages]:
                check_extras(packages)
            case ["python" | "django-admin" | "cd" | "git" | "npx" | "curl", *_]:
                pass
            case other:
                raise AssertionError(f"{block.place}: nobody tests {other} here.")


def run_command(name: str, arguments: list[str]) -> str:
    """Return what a command prints."""
    output = io.StringIO()
    call_command(name, *arguments, stdout=output, stderr=output)
    lines = (line.rstrip() for line in output.getvalue().splitlines())
    return "\n".join(lines).strip("\n")


def check_extras(packages: list[str]) -> None:
    """See that what is installed is the project, with extras that it has."""
    extras = PROJECT["project"]["optional-dependencies"]
    for package in packages:
        match = re.fullmatch(r"([\w.-]+)(?:\[(\w+)\])?", package)
        assert match is not None
        assert match[1] in {PROJECT["project"]["name"], ".", "drf-spectacular"}
        assert match[2] is None or match[2] in extras
