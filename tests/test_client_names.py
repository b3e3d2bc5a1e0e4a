"""Members are named as the client names them, where a parser renames them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from rest_framework import parsers, serializers
from rest_framework.test import APIClient

from multistatus_app.problems import to_pointer
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_results, get_statuses
from tests.conftest import Serve

pytestmark = pytest.mark.django_db


class CamelParser(parsers.JSONParser):
    """Takes `firstName` for `first_name`."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """Rename members."""
        return [
            {re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name): value
             for name, value in element.items()}
            for element in super().parse(*args, **kwargs)
        ]  # fmt: skip


class UserSerializer(serializers.ModelSerializer[Any]):
    """With names of two words."""

    class Meta:
        model = get_user_model()
        fields = ["first_name", "last_name"]


class CamelViewSet(BulkModelViewSet):
    """Its clients write camelCase."""

    queryset = get_user_model().objects.all()
    serializer_class = UserSerializer
    lookup_field = "last_name"
    parser_classes = [CamelParser]

    def get_bulk_pointer(self, path: tuple[str | int, ...]) -> str:
        """Name members as clients do."""
        camel = (re.sub("_(.)", lambda at: at[1].upper(), str(name)) for name in path)
        return to_pointer(tuple(camel))


def test_the_pointer_to_a_missing_key(api: APIClient, serve: Serve) -> None:
    serve(CamelViewSet)

    response = api.patch("/things/bulk/", [{"firstName": "a"}])

    assert get_statuses(response) == [400]
    (problem,) = get_results(response)[0]["error"]["errors"]
    assert problem["pointer"] == "#/lastName"


def test_members_that_were_not_looked_at(api: APIClient, serve: Serve) -> None:
    """The propstat with a 424 names those that were sent."""
    serve(CamelViewSet)
    body = [{"firstName": "a" * 200, "lastName": "b"}]

    response = api.post("/things/bulk/", body, headers={"Accept": "application/xml"})

    props = re.findall("<D:prop>(.*?)</D:prop>", response.content.decode())
    assert props == ["<f:firstName/>", "<f:lastName/>"]


@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_names_that_need_an_operation(
    api: APIClient, serve: Serve, accept: str
) -> None:
    """The request is answered all the same, in our names."""

    def get_bulk_pointer(self: Any, path: Any) -> str:
        raise LookupError(self.kwargs["last_name"])

    members = {"get_bulk_pointer": get_bulk_pointer}
    serve(type("PickyViewSet", (CamelViewSet,), members))
    get_user_model().objects.create(username="a", last_name="a")
    body = [{"lastName": "a", "firstName": "b"}, {"firstName": "c"}]

    response = api.patch("/things/bulk/", body, headers={"Accept": accept})

    assert response.status_code == 207
    assert b"#/last_name" in response.content
    assert get_user_model().objects.get().first_name == "b"
