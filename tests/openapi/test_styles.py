"""Names of members in the style of a project's own parser and renderer."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest
from drf_spectacular.contrib.djangorestframework_camel_case import (
    camelize_serializer_fields,
)
from rest_framework import (
    renderers,
    serializers,
)

from tests.openapi.documents import (
    Things,
    get_answer,
    get_body,
    get_bulk,
    resolve,
    route,
)
from tests.shop.models import Category

pytestmark = pytest.mark.once


class CamelRenderer(renderers.JSONRenderer):
    """As that of djangorestframework-camel-case."""

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return super().render(camelize(data), *args, **kwargs)


def camelize(data: Any) -> Any:
    if isinstance(data, dict):
        return {camelize_name(name): camelize(each) for name, each in data.items()}
    return [camelize(each) for each in data] if isinstance(data, list) else data


def camelize_name(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.title() for each in others)


class ParentSerializer(serializers.ModelSerializer[Category]):
    class Meta:
        model = Category
        fields = ["id", "name", "parent_id"]


class Camel(Things):
    serializer_class = ParentSerializer  # type: ignore[assignment]
    renderer_classes = [CamelRenderer]
    lookup_field = "parent_id"


@pytest.mark.parametrize("split", [True, False])
def test_camel_case(document: Any, split: bool) -> None:
    hooks = [
        "drf_spectacular.hooks.postprocess_schema_enums",
        f"{camelize_serializer_fields.__module__}.{camelize_serializer_fields.__name__}",
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch_camel_case(patch)
        schema = document(
            route(Camel), POSTPROCESSING_HOOKS=hooks, COMPONENT_SPLIT_REQUEST=split
        )

    assert "parent_id" not in json.dumps(schema["components"]["schemas"]).replace(
        # What XML documents have: names of elements.
        '"name": "parent_id"',
        "",
    )
    put = get_body(get_bulk(schema, "put"))
    element = resolve(schema, put["schema"]["items"])
    members = [resolve(schema, each)["properties"] for each in element["allOf"]]
    assert list(members[-1]) == ["parentId"]
    (example,) = put["examples"].values()
    assert list(example["value"][0]) == ["parentId", "name"]
    (answer,) = get_answer(get_bulk(schema, "put"))["examples"].values()
    assert list(answer["value"]["results"][0]["data"]) == ["id", "name", "parentId"]


def patch_camel_case(patch: pytest.MonkeyPatch) -> None:
    """Give the hook what it imports, as the library has it."""
    import re
    import sys

    settings_module, util = ModuleType("settings"), ModuleType("util")
    settings_module.api_settings = type(  # type: ignore[attr-defined]
        "Settings", (), {"JSON_UNDERSCOREIZE": {}}
    )
    util.camelize_re = re.compile(r"[a-z0-9]?_[a-z0-9]")  # type: ignore[attr-defined]
    util.underscore_to_camel = lambda found: (  # type: ignore[attr-defined]
        found.group().replace("_", " ").title().replace(" ", "")
        if found.group().startswith("_")
        else found.group()[0] + found.group()[2].upper()
    )
    name = "djangorestframework_camel_case"
    patch.setitem(sys.modules, name, ModuleType(name))
    patch.setitem(sys.modules, f"{name}.settings", settings_module)
    patch.setitem(sys.modules, f"{name}.util", util)


def test_pointers_are_those_of_the_client(document: Any) -> None:
    class FirstNameSerializer(serializers.ModelSerializer[Category]):
        class Meta:
            model = Category
            fields = ["first_name"]

        first_name = serializers.CharField(source="name")

    class Pointing(Camel):
        lookup_field = "pk"
        serializer_class = FirstNameSerializer  # type: ignore[assignment]

        def get_bulk_pointer(self, path: Any) -> str:
            return "#/" + "/".join(map(camelize_name, path))

    schema = document(route(Pointing))

    (answer,) = get_answer(get_bulk(schema))["examples"].values()
    error = answer["value"]["results"][1]["error"]["errors"][0]
    assert error["pointer"] == "#/firstName"


def test_pointers_that_need_a_request_are_ours(document: Any) -> None:
    class Pointing(Things):
        def get_bulk_pointer(self, path: Any) -> str:
            raise LookupError(self.request.headers["X-Style"])

    schema = document(route(Pointing))

    (answer,) = get_answer(get_bulk(schema))["examples"].values()
    error = answer["value"]["results"][1]["error"]["errors"][0]
    assert error["pointer"] == "#/name"


@pytest.mark.parametrize("wrap", [lambda data: {"data": data}, lambda data: [data]])
def test_renderer_that_wraps_is_not_followed(document: Any, wrap: Any) -> None:
    class Wrapping(renderers.JSONRenderer):
        def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
            return super().render(wrap(data), *args, **kwargs)

    class Wrapped(Things):
        renderer_classes = [Wrapping]

    schema = document(route(Wrapped))

    (example,) = get_body(get_bulk(schema))["examples"].values()
    assert example["value"][0]["name"] == "Example 1"


def test_renderer_that_needs_a_response_is_not_followed(document: Any) -> None:
    class Needy(renderers.JSONRenderer):
        def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
            raise KeyError("response")

    class Rendered(Things):
        renderer_classes = [Needy]

    schema = document(route(Rendered))

    (example,) = get_body(get_bulk(schema))["examples"].values()
    assert example["value"][0]["name"] == "Example 1"
