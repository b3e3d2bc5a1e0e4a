"""Nobody learns of a row that is not theirs what its single request does not tell.

Each probe sends the same operation for a row outside the user's queryset and for a key
that nobody has. All that is answered, in every format, must be the same but for the
key: status, code, detail, pointers, href, tags, headers, order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any, Final

import pytest
from django.contrib.auth.models import User
from rest_framework import permissions, serializers
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.validators import UniqueValidator

from multistatus_app.conditional import ETagMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_details, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import (
    CategoryFactory,
    NoteFactory,
    ProductFactory,
    UserFactory,
)
from tests.shop.models import Category, Note, Product, Review

pytestmark = pytest.mark.django_db

SECRET = "nobody else may know"
HIDDEN_KEY, ABSENT_KEY = 876_543, 987_654


class NoteSerializer(serializers.ModelSerializer[Note]):
    """Stock."""

    class Meta:
        model = Note
        fields = ["id", "text", "position"]


class OwnNotes(BulkModelViewSet):
    """A queryset of the user's own rows: sets, as far as they go."""

    serializer_class = NoteSerializer
    permission_classes = [permissions.IsAuthenticated]

    def get_queryset(self) -> Any:
        """Give the user's own."""
        return Note.objects.filter(owner=self.request.user)

    def perform_create(self, serializer: Any) -> None:
        """Save with the owner."""
        serializer.save(owner=self.request.user)


class IsOwner(permissions.BasePermission):
    """Refuses others' rows, on top of that."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Let the owner do it."""
        return bool(obj.owner_id == request.user.pk)


class GuardedNotes(OwnNotes):
    """Object permissions, too."""

    permission_classes = [permissions.IsAuthenticated, IsOwner]


class LockingNotes(OwnNotes):
    """Selects for update."""

    bulk_lock = "wait"


class HookedNotes(OwnNotes):
    """A hook that asks: never in sets."""

    def perform_update(self, serializer: Any) -> None:
        """Count, and save."""
        Note.objects.count()
        serializer.save()


class ReplayedNotes(GuardedNotes):
    """In groups, and in sets."""

    bulk_replayable = True


class TaggedNotes(ETagMixin, OwnNotes):
    """Conditional."""


class CommittedNotes(OwnNotes):
    """No transaction around an operation."""

    bulk_commit_every = 1


class TextNotes(OwnNotes):
    """Looked up by a text."""

    lookup_field = "text"


VIEWSETS: list[type[OwnNotes]] = [
    OwnNotes, GuardedNotes, LockingNotes, HookedNotes, ReplayedNotes, TaggedNotes,
    CommittedNotes, TextNotes,
]  # fmt: skip


@pytest.fixture
def user() -> User:
    """Return who asks."""
    user: User = UserFactory()
    return user


@pytest.fixture
def client(user: User) -> APIClient:
    """Return a client of theirs, who gets a 500 as an answer."""
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(user)
    return client


@pytest.fixture
def hidden() -> Note:
    """Return a row of somebody else's."""
    note: Note = NoteFactory(pk=HIDDEN_KEY, text="secret-note")
    return note


def describe(response: Any, key: Any) -> Any:
    """Return all that an answer says, the key of the question left out."""
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in ("Content-Length", "Set-Cookie")
    }
    text = response.content.decode().replace(str(key), "KEY")
    for pattern in (_KEY, _TAG, _TOKEN):
        text = pattern.sub(r"\1…", text)
    return response.status_code, headers, text


# Of rows that were made, which the database counts.
_KEY: Final = re.compile(
    r"""((?:/things/|(?:"|&quot;)(?:id|key)(?:"|&quot;): ?|f:id>))\d+"""
)
_TOKEN: Final = re.compile(r"""(csrf\w+"(?:: | value=)")\w+""")
_TAG: Final = re.compile(r"(etag(?:\W|quot)+)[0-9a-f]{32}")


def mask(body: Any, key: Any) -> Any:
    """Put a key where a body says KEY."""
    return json.loads(json.dumps(body).replace('"KEY"', json.dumps(key)))


PATCH = op("PATCH", "KEY", {"position": 2})
PUT = op("PUT", "KEY", {"text": "a", "position": 2})
DELETE = op("DELETE", "KEY")
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


def compare(ask: Callable[[Any], Any], keys: tuple[Any, Any]) -> None:
    """Ask for both, each with nothing left of the other."""
    found = []
    for key in keys:
        Note.objects.filter(text="mine").delete()
        found.append(describe(ask(key), key))
    assert found[0] == found[1]


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


class SerializerOfOwn(serializers.ModelSerializer[Product]):
    """Refers to the categories that the user may see; a name is unique among them."""

    class Meta:
        model = Product
        fields = ["id", "sku", "name", "price", "category"]

    def get_fields(self) -> Any:
        """Narrow what may be referred to, and compared with."""
        fields: Any = super().get_fields()
        own = Category.objects.exclude(name__startswith="hidden")
        fields["category"].queryset = own
        fields["sku"].validators = [
            UniqueValidator(Product.objects.exclude(name=SECRET))
        ]
        return fields


class Products(BulkModelViewSet):
    """Relations and unique values of some rows alone."""

    queryset = Product.objects.exclude(name=SECRET)
    serializer_class = SerializerOfOwn


@pytest.mark.parametrize("size", [1, 6])
def test_relations_outside_the_queryset_are_as_none(
    client: APIClient, serve: Serve, size: int
) -> None:
    serve(Products)
    category = CategoryFactory(pk=HIDDEN_KEY, name="hidden one")

    def ask(key: Any) -> Any:
        made = [
            {"sku": f"s{n}", "name": "n", "price": 1, "category": key}
            for n in range(size)
        ]
        return client.post("/things/bulk/", made)

    compare(ask, (category.pk, ABSENT_KEY))
    assert not Product.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_unique_values_tell_what_the_single_request_tells(
    client: APIClient, serve: Serve
) -> None:
    """A 409 where the single request is a 500, and no word of whose the value is."""
    serve(Products)
    taken = ProductFactory(name=SECRET, sku="taken")
    data = {
        "sku": "taken", "name": "n", "price": 1, "category": taken.category_id,
    }  # fmt: skip

    single = client.post("/things/", data)
    responses = [
        client.post("/things/bulk/", [data]),
        client.post("/things/bulk/", [data] * 6),
        client.post("/things/bulk/", [data], headers={"Accept": "application/xml"}),
    ]

    assert single.status_code == 500
    for response in responses:
        text = response.content.decode()
        assert "409" in text
        assert SECRET not in text
        assert f"/{taken.pk}/" not in text
        assert taken.category.name not in text


@pytest.mark.parametrize("size", [1, 6])
def test_what_holds_on_to_a_row_is_not_shown(
    client: APIClient, serve: Serve, size: int
) -> None:
    """The kind of the rows that refer to it, neither which nor how many."""
    serve(Products)
    products = ProductFactory.create_batch(size)
    told = []
    for text, count in ((SECRET, 1), ("another", 3)):
        Review.objects.all().delete()
        for product in products:
            for _ in range(count):
                Review.objects.create(product=product, text=text)
        response = client.delete("/things/bulk/", [each.pk for each in products])
        assert get_statuses(response) == [409] * size
        assert {each["error"]["code"] for each in get_results(response)} == {
            "protected"
        }
        told.append(get_details(response))
        xml = client.delete(
            "/things/bulk/",
            [each.pk for each in products],
            headers={"Accept": "application/xml"},
        )
        assert text not in xml.content.decode() + response.content.decode()

    assert told[0] == told[1]
    assert set(told[0]) == {
        "It cannot be deleted, because it is referenced by: review."
    }


class NoReading(permissions.BasePermission):
    """Writing is permitted, reading is not."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Refuse a GET."""
        return bool(request.method not in permissions.SAFE_METHODS)


class WriteOnly(ETagMixin, BulkModelViewSet):
    """A drop box."""

    queryset = Note.objects.order_by("pk")
    serializer_class = NoteSerializer
    permission_classes = [NoReading]


class HiddenFromGet(BulkModelViewSet):
    """Every row may be written, none may be read: by the queryset of the action."""

    serializer_class = NoteSerializer

    def get_queryset(self) -> Any:
        """Give nothing to a GET."""
        notes = Note.objects.order_by("pk")
        return notes.none() if self.request.method == "GET" else notes


class RefusesGet(BulkModelViewSet):
    """The action itself refuses."""

    queryset = Note.objects.order_by("pk")
    serializer_class = NoteSerializer

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Refuse."""
        return Response({"detail": "No."}, status=403)


class RefusesBefore(BulkModelViewSet):
    """What comes before the action refuses."""

    queryset = Note.objects.order_by("pk")
    serializer_class = NoteSerializer

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Refuse a GET."""
        super().initial(request, *args, **kwargs)
        if self.action == "retrieve":
            raise APIException("No.")


UNREADABLE = [WriteOnly, HiddenFromGet, RefusesGet, RefusesBefore]
with_unreadable = pytest.mark.parametrize(
    "viewset", UNREADABLE, ids=lambda each: each.__name__
)


@with_unreadable
def test_a_tag_is_told_to_readers_alone(
    client: APIClient, serve: Serve, hidden: Note, viewset: type
) -> None:
    """A digest of a short text can be guessed."""
    serve(viewset)
    operation = op("PATCH", hidden.pk, {"position": 1}, if_match='"5f1c"')

    response = client.post("/things/batch/", batch(operation))

    assert client.get(f"/things/{hidden.pk}/").status_code >= 400
    assert get_statuses(response) == [412]
    assert get_details(response) == [
        "The resource has changed: its entity tag is now another one. Fetch it, and "
        "decide again."
    ]


def test_a_tag_of_the_single_request_is_told_to_readers_alone(
    client: APIClient, serve: Serve, hidden: Note
) -> None:
    def ask() -> Any:
        return client.patch(
            f"/things/{hidden.pk}/", {"position": 1}, headers={"If-Match": '"5f1c"'}
        )

    serve(WriteOnly)
    refused = ask()
    serve(type("ReadWrite", (WriteOnly,), {"permission_classes": []}))
    told = ask()

    assert (refused.status_code, told.status_code) == (412, 412)
    assert "is now another one." in refused.json()["detail"]
    assert client.get(f"/things/{hidden.pk}/")["ETag"] in told.json()["detail"]


@with_unreadable
@pytest.mark.parametrize("path", ["/things/bulk/", "/things/batch/"])
@pytest.mark.parametrize("method", ["get", "options", "post"])
def test_pages_show_no_row_that_a_get_does_not(
    client: APIClient, serve: Serve, viewset: type, path: str, method: str
) -> None:
    serve(viewset)
    NoteFactory.create_batch(3, text=SECRET)

    for accept in ("text/html", "application/json", "application/xml"):
        response = getattr(client, method)(path, headers={"Accept": accept})
        assert SECRET not in unescape(response.content.decode())


@pytest.mark.parametrize("path", ["/things/bulk/", "/things/batch/"])
@pytest.mark.parametrize("viewset", VIEWSETS, ids=lambda each: each.__name__)
def test_pages_are_the_same_with_and_without_rows_of_others(
    client: APIClient, serve: Serve, user: User, path: str, viewset: type
) -> None:
    """Keys in examples and in forms, choices of relations, counts."""
    serve(viewset)
    NoteFactory(owner=user, text="my own note")

    def get_pages() -> list[str]:
        found = []
        for method in ("get", "options"):
            for accept in ("text/html", "application/json", "application/xml"):
                response = getattr(client, method)(path, headers={"Accept": accept})
                found.append(_TOKEN.sub("", response.content.decode()))
        return found

    before = get_pages()
    NoteFactory.create_batch(3, text=SECRET)

    assert get_pages() == before
    assert "my own note" in before[0]


def test_a_page_counts_no_view(client: APIClient, serve: Serve) -> None:
    """Its examples are read as a GET reads them, and leave nothing."""

    class CountingViewSet(BulkModelViewSet):
        queryset = Note.objects.order_by("pk")
        serializer_class = NoteSerializer

        def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
            """Count."""
            note = self.get_object()
            note.position += 1
            note.save()
            return Response(self.get_serializer(note).data)

    serve(CountingViewSet)
    note = NoteFactory(text="shown")

    page = client.get("/things/bulk/", headers={"Accept": "text/html"})

    assert "shown" in page.content.decode()
    note.refresh_from_db()
    assert note.position == 0
