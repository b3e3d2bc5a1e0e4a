"""JSON that is read and written by orjson."""

from __future__ import annotations

from tests.companions.places import Place

PACKAGES = ("drf-orjson-renderer",)
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["drf_orjson_renderer.renderers.ORJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["drf_orjson_renderer.parsers.ORJSONParser"],
}


class City(Place):
    pass
