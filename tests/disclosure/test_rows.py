"""Nobody learns of a row that is not theirs what its single request does not tell.

Each probe sends the same operation for a row outside the user's queryset and for a key
that nobody has. All that is answered, in every format, must be the same but for the
key: status, code, detail, pointers, href, tags, headers, order.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, op
from tests.conftest import Serve
from tests.disclosure.probing import (
    ABSENT_KEY,
    DELETE,
    PATCH,
    PUT,
    compare,
    describe,
    mask,
)
from tests.disclosure.viewsets import VIEWSETS, NoteSerializer, TextNotes
from tests.factories import NoteFactory
from tests.shop.models import Note

pytestmark = pytest.mark.django_db

QUESTIONS: dict[str, list[Any]] = {
    "patch": [PATCH],
    "put": [PUT],
    "delete": [DELETE],
    "refused by its data": [op("PATCH", "KEY", {"position": "x"})],
    "with an unknown member": [PATCH | {"odd": 1}],
    "any tag": [PATCH | {"if_match": "*"}],
    "a tag": [PATCH | {"if_match": '"5f1c"'}],
    "a weak tag": [DELETE | {"if_match": 'W/"5f1c"'}],
    "twice": [PATCH, PATCH, DELETE, PUT],
    "many, in sets": [PATCH] * 6,
    "deleted many times": [DELETE] * 6,
    "after a create": [op("POST", data={"text": "mine"}), PATCH, DELETE],
}
FORMS = [
    ("application/json", ""),
    ("application/json", "?atomic=true"),
    ("application/json", "?dry_run=true&only_failures=true"),
    ("application/xml", ""),
    ("text/html", ""),
]


def get_keys(viewset: type, hidden: Note) -> tuple[Any, Any]:
    """Return a key that is somebody else's, and one that nobody has."""
    if issubclass(viewset, TextNotes):
        return hidden.text, "absent-note"
    return hidden.pk, ABSENT_KEY


@pytest.mark.parametrize("viewset", VIEWSETS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_row_of_others_is_as_none(
    client: APIClient, serve: Serve, hidden: Note, viewset: type, question: str
) -> None:
    serve(viewset)
    keys = get_keys(viewset, hidden)
    body = batch(*QUESTIONS[question])
    # A page takes as long as the other forms together.
    forms = FORMS if question in ("patch", "a tag") else FORMS[:-1]
    for accept, options in forms:

        def ask(key: Any, accept: str = accept, options: str = options) -> Any:
            path = f"/things/batch/{options}"
            return client.post(path, mask(body, key), headers={"Accept": accept})

        compare(ask, keys)

    # The referee: the single request tells no difference either.
    for method, data in (("patch", {"position": 2}), ("delete", None), ("get", None)):
        theirs, nobodys = (
            describe(getattr(client, method)(f"/things/{key}/", data), key)
            for key in keys
        )
        assert theirs == nobodys
    hidden.refresh_from_db()
    assert (hidden.text, hidden.position) == ("secret-note", 0)


@pytest.mark.parametrize("viewset", VIEWSETS, ids=lambda each: each.__name__)
def test_a_row_of_others_is_as_none_in_bulk(
    client: APIClient, serve: Serve, user: User, hidden: Note, viewset: type
) -> None:
    serve(viewset)
    mine = NoteFactory.create_batch(5, owner=user)
    field = "text" if issubclass(viewset, TextNotes) else "pk"
    name = "text" if field == "text" else "id"

    def change(key: Any) -> Any:
        keys = [*(getattr(each, field) for each in mine), key]
        return client.patch(
            "/things/bulk/?dry_run=1", [{name: each, "position": 1} for each in keys]
        )

    def delete(key: Any) -> Any:
        keys = [key, *(getattr(each, field) for each in mine)]
        return client.delete("/things/bulk/?dry_run=1", keys)

    for ask in (change, delete):
        compare(ask, get_keys(viewset, hidden))


class ReadAll(BulkModelViewSet):
    """Everybody reads every row; it is changed by its owner, or is not there."""

    serializer_class = NoteSerializer

    def get_queryset(self) -> Any:
        """Give a GET more."""
        notes = Note.objects.order_by("pk")
        return notes if self.request.method == "GET" else notes.filter(owner=None)


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_only_a_get_tells_is_told_by_it_alone(
    client: APIClient, serve: Serve, hidden: Note, question: str
) -> None:
    serve(ReadAll)
    keys = hidden.pk, ABSENT_KEY
    asked = [each for each in QUESTIONS[question] if each["method"] != "POST"]

    assert [client.get(f"/things/{key}/").status_code for key in keys] == [200, 404]
    compare(lambda key: client.post("/things/batch/", mask(batch(*asked), key)), keys)
