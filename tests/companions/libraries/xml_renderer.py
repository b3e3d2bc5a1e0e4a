"""Its XML on the single routes, ours on those of the batch."""

from __future__ import annotations

from tests.companions.places import Place

PACKAGES = ("djangorestframework-xml",)
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework_xml.renderers.XMLRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework_xml.parsers.XMLParser",
    ],
}
NOTE = "XML of a batch is that of RFC 4918."


class City(Place):
    pass


def check(client) -> None:
    response = client.post(
        "/cities/bulk/", [{"name": "Oulu"}], HTTP_ACCEPT="application/xml"
    )
    assert response.status_code == 207
    assert b"<D:multistatus" in response.content
