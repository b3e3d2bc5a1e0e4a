"""JSON:API on the single routes."""

from __future__ import annotations

from rest_framework_json_api.serializers import ModelSerializer
from rest_framework_json_api.views import ModelViewSet

from tests.companions import worlds
from tests.companions.places import Place, make_serializer, make_viewset
from tests.parity import oracle

PACKAGES = ("djangorestframework-jsonapi",)
DOES = "cud"
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework_json_api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework_json_api.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "rest_framework_json_api.exceptions.exception_handler",
    "DEFAULT_METADATA_CLASS": "rest_framework_json_api.metadata.JSONAPIMetadata",
}
NOTE = "A batch is written, and answered, in plain JSON, not in JSON:API's."


class City(Place):
    pass


CityViewSet = make_viewset(
    City, make_serializer(City, base=ModelSerializer), base=ModelViewSet
)


def send(method, path, data):
    if data is None:
        return method(path)
    attributes = {name: data[name] for name in data if name != "id"}
    document = {"type": "City", "attributes": attributes}
    key = path.strip("/").partition("/")[2]
    if key:
        document["id"] = key
    return method(path, {"data": document}, content_type="application/vnd.api+json")


def expect(response, raised, handled):
    if response.status_code >= 400:
        return oracle.expect(response, raised, handled)
    document = response.json() if response.content else None
    said = oracle.Said(status=response.status_code, errors=[], code=None, detail=None)
    if document is not None:
        data = document["data"]
        said.data = worlds.mask({"id": int(data["id"]), **data["attributes"]})
    return said


def check(client) -> None:
    kind = "application/vnd.api+json"
    response = client.post("/cities/bulk/", "{}", content_type=kind)
    assert response.status_code == 400
