"""CSV beside JSON, which a batch may come in."""

from __future__ import annotations

from tests.companions.places import Place

PACKAGES = ("djangorestframework-csv",)
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework_csv.renderers.CSVRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework_csv.parsers.CSVParser",
    ],
}
NOTE = "A batch is answered in JSON; `Accept: text/csv` is a 406."


class City(Place):
    pass


def check(client) -> None:
    body = "name\r\nOulu\r\n"
    response = client.post("/cities/bulk/", body, content_type="text/csv")
    assert [each["status"] for each in response.json()["results"]] == [201]
    response = client.post("/cities/bulk/", [{"name": "Turku"}], HTTP_ACCEPT="text/csv")
    assert response.status_code == 406
