"""Viewsets that are served, with their documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.openapi.documents import Other, Schema, generate, get_patterns, serve


@pytest.fixture
def served(settings: Any) -> Callable[[Any], Schema]:
    """Return a function that serves a viewset and returns its document."""

    def get_document(viewset: Any) -> Schema:
        patterns = get_patterns(things=viewset, other=Other)
        serve(settings, *patterns)
        return generate(patterns, COMPONENT_SPLIT_REQUEST=True)

    return get_document


@pytest.fixture
def document(settings: Any) -> Any:
    """Return a function that makes the document of a URLconf, and checks it."""

    def document(*patterns: Any, **options: Any) -> Schema:
        serve(settings, *patterns)
        return generate(list(patterns), validate=True, **options)

    return document
