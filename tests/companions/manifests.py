"""What the module of a library says of itself, read without importing it.

Its names in capitals are literals, for the settings are made of them before a model can
be.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

LIBRARIES: Final = Path(__file__).parent / "libraries"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The capitals of a module."""

    name: str
    about: str
    """The docstring: what of the library takes part."""

    PACKAGES: tuple[str, ...]
    """The distributions that it needs, the library's first."""

    APPS: tuple[str, ...] = ()
    """What comes before our own app in INSTALLED_APPS."""

    APPS_AFTER: tuple[str, ...] = ()
    """What comes after it."""

    MIDDLEWARE: tuple[str, ...] = ()
    """What comes after Django's own."""

    MIDDLEWARE_FIRST: tuple[str, ...] = ()
    """What comes before it."""

    REST_FRAMEWORK: dict[str, Any] | None = None
    SETTINGS: dict[str, Any] | None = None

    ENGINE: str | None = None
    """The backend, if not Django's."""

    VENDORS: tuple[str, ...] = ("sqlite", "postgresql")
    """The databases that it works on."""

    MIGRATES: tuple[str, ...] = ()
    """Apps whose migrations make more than tables."""

    NEEDS: tuple[str, ...] = ()
    """Servers that it needs: `redis`."""

    PATH: str = "/cities/"
    """The path of the collection."""

    KEY_NAME: str = "id"
    """The name of the key in the elements of `bulk/`."""

    DOES: str = "cpud"
    """The methods that are offered: create, put, partial, delete."""

    LATE: bool = True
    """Whether single requests can be undone after they wrote: not where views are
    asynchronous, which ATOMIC_REQUESTS does not know."""

    FILLS: tuple[str, ...] = ()
    """Tables that are not empty after a mixed batch: the library has taken part."""

    VOLATILE: tuple[str, ...] = ()
    """Tables, and `table.column`s, whose values are no two times the same."""

    LINE: str | None = None
    """The line that a project has to write, in Markdown."""

    NOTE: str | None = None
    """What there is to know, though nothing differs."""

    DIFFERS: dict[str, str] | None = None
    """Patterns of differences, `scenario/what`, each with its reason."""

    BETTER: dict[str, str] | None = None
    """Patterns of differences in which the single requests are those that err."""

    @property
    def verdict(self) -> str:
        """What the page of the docs says of it."""
        if self.DIFFERS:
            return "differs"
        return "works with a line" if self.LINE else "works"


def read(name: str) -> Manifest:
    """Read the module of a library."""
    tree = ast.parse((LIBRARIES / f"{name}.py").read_text())
    known = {each.name for each in fields(Manifest)}
    found: dict[str, Any] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)]) if target.isupper():
                if target not in known:
                    raise LookupError(f"{name}: {target} is none of {sorted(known)}.")
                found[target] = ast.literal_eval(node.value)
    return Manifest(name=name, about=ast.get_docstring(tree) or "", **found)


def read_all() -> list[Manifest]:
    """Read the modules of all libraries, in the order of their names."""
    names = (each.stem for each in LIBRARIES.glob("[!_]*.py"))
    return [read(name) for name in sorted(names)]
