"""How Sphinx builds the documentation."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import django
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo_project.settings")
django.setup()

from multistatus_app import __version__  # noqa: E402  # after the settings

project = "multistatus_app"
author = "The multistatus_app authors"
copyright = f"2026, {author}"
release = version = __version__

# Docstrings name code in single backquotes.
default_role = "code"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
nitpicky = True

# Autodoc names types of Python, Django and REST framework; none of them is documented
# here, and an inventory of theirs would have to be fetched at each build.
nitpick_ignore_regex = [
    (
        r"py:.*",
        r"(?!multistatus_app).*",
    ),
]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_class_signature = "separated"

copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

html_theme = "furo"
html_title = "multistatus_app"


def setup(app: Sphinx) -> None:
    """Let docstrings of attributes be text.

    Napoleon takes what stands before their first colon for a type.
    """
    originals: dict[str, list[str]] = {}

    def keep(
        app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: Any
    ) -> None:
        originals[name] = list(lines)

    def restore(
        app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: Any
    ) -> None:
        if what in ("attribute", "data", "property"):
            lines[:] = originals[name]

    app.connect("autodoc-process-docstring", keep, priority=400)
    app.connect("autodoc-process-docstring", restore, priority=600)
