"""What is permitted: of a whole request, and of each of its operations."""

from __future__ import annotations

import pytest
from rest_framework import authentication, permissions
from rest_framework.test import APIClient

from tests.answers import batch, get_details, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, NoteFactory, UserFactory
from tests.handlers.viewsets import make_view
from tests.mixins.permitting import allow
from tests.shop.models import Category, Note

pytestmark = pytest.mark.django_db


class TestPermissions:
    """Each operation is asked for what it is; the whole is refused if all are."""

    def test_fail_whole_where_nothing_is_permitted(
        self, api: APIClient, serve: Serve
    ) -> None:
        serve(
            make_view(
                permission_classes=[permissions.IsAuthenticated],
                authentication_classes=[authentication.BasicAuthentication],
            )
        )
        row = CategoryFactory()

        for response in (
            api.delete("/things/bulk/", [row.pk]),
            api.post("/things/batch/", batch(op("DELETE", row.pk))),
            api.post("/things/batch/", "no json", content_type="application/json"),
            api.get("/things/bulk/"),
        ):
            assert response.status_code == 401
            assert response["WWW-Authenticate"] == 'Basic realm="api"'
            assert response.json() == {
                "detail": "Authentication credentials were not provided."
            }
            assert response["Cache-Control"] == "no-store"
        assert Category.objects.exists()

    def test_fail_whole_with_403(self, api: APIClient, serve: Serve) -> None:
        serve(make_view(permission_classes=[permissions.IsAdminUser]))
        api.force_authenticate(UserFactory())

        response = api.post("/things/bulk/", [{"name": "a"}])

        assert response.status_code == 403
        assert not Category.objects.exists()

    def test_django_permissions_of_a_mixed_batch(self, api: APIClient) -> None:
        """A POST that holds a DELETE needs what a DELETE needs."""
        user = UserFactory()
        allow(user, "add_category", "delete_category")
        api.force_authenticate(user)
        one, two = CategoryFactory.create_batch(2)

        response = api.post(
            "/api/guarded/batch/",
            batch(
                op("POST", data={"name": "a"}),
                op("PATCH", one.pk, {"name": "b"}),
                op("PUT", one.pk, {"name": "b"}),
                op("DELETE", two.pk),
            ),
        )

        denied = "You do not have permission to perform this action."
        assert get_statuses(response) == [201, 403, 403, 204]
        assert get_details(response) == [None, denied, denied, None]

    def test_django_permissions_in_bulk(self, api: APIClient) -> None:
        user = UserFactory()
        allow(user, "add_category")
        api.force_authenticate(user)
        row = CategoryFactory()

        assert get_statuses(api.post("/api/guarded/bulk/", [{"name": "a"}])) == [201]
        assert api.delete("/api/guarded/bulk/", [row.pk]).status_code == 403
        assert (
            api.post("/api/guarded/batch/", batch(op("DELETE", row.pk))).status_code
            == 403
        )
        assert Category.objects.filter(pk=row.pk).exists()

    def test_permissions_by_action(self, api: APIClient) -> None:
        note, other = NoteFactory(), NoteFactory()
        operations = batch(
            op("POST", data={"text": "new"}),
            op("PATCH", note.pk, {"text": "mine"}),
            op("PATCH", other.pk, {"text": "mine"}),
        )

        anonymous = api.post("/api/notes/batch/", operations)
        api.force_authenticate(note.owner)
        response = api.post("/api/notes/batch/", operations)

        assert anonymous.status_code in (401, 403)
        assert get_statuses(response) == [201, 200, 403]
        assert Note.objects.filter(text="mine").count() == 1

    def test_what_is_permitted_is_asked_before_what_is_malformed(
        self, api: APIClient, serve: Serve
    ) -> None:
        """Who may nothing learns nothing of limits and shapes."""
        serve(make_view(permission_classes=[permissions.IsAdminUser]))
        api.force_authenticate(UserFactory())

        assert api.post("/things/bulk/", {}).status_code == 403
        assert api.post("/things/bulk/?atomic=x", [{}]).status_code == 403
        assert api.delete("/things/bulk/", [1] * 1001).status_code == 403

    def test_method_that_needs_more_than_its_body_has(self, api: APIClient) -> None:
        """One element malformed, the other refused: nothing was permitted."""
        api.force_authenticate(UserFactory())

        response = api.patch("/api/guarded/bulk/", [{"name": "no key"}])

        assert response.status_code == 403
