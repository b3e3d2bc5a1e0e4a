"""What docs/wire.md promises of options, in full requests."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from tests.answers import get_results
from tests.contract.formats import JSON, XML
from tests.shop.models import Category
from tests.xml import get_facts

pytestmark = pytest.mark.django_db


class TestOptions:
    """Query options and headers of a request."""

    BODY = ({"name": "a"}, {}, {"name": "b"}, {"name": "x" * 51})
    SUMMARY = {"total": 4, "succeeded": 2, "failed": 2, "committed": True}

    def test_only_failures_in_json(self, api: APIClient) -> None:
        response = api.post("/api/categories/bulk/?only_failures=true", self.BODY)

        assert [(each["index"], each["status"]) for each in get_results(response)] == [
            (1, 400),
            (3, 400),
        ]
        assert response.json()["summary"] == self.SUMMARY
        assert response["Multistatus-Summary"] == (
            "total=4, succeeded=2, failed=2, committed=?1"
        )
        assert Category.objects.count() == 2

    def test_only_failures_in_xml(self, api: APIClient) -> None:
        response = api.post(
            "/api/categories/bulk/?only_failures=1", self.BODY, headers={"Accept": XML}
        )

        facts = get_facts(response.content)
        assert [each["index"] for each in facts["results"]] == [1, 3]
        assert facts["summary"] == self.SUMMARY

    @pytest.mark.parametrize("name", ["dryrun", "DRY-RUN", "Dry_Run"])
    def test_fail_typo_does_not_commit(self, api: APIClient, name: str) -> None:
        response = api.post(f"/api/categories/bulk/?{name}=true", self.BODY)

        assert (response.status_code, response.json()) == (
            400,
            {"detail": f"There is no query option {name!r}; the option is dry_run."},
        )
        assert not Category.objects.exists()

    @pytest.mark.parametrize("accept", [JSON, XML])
    def test_fail_if_match(self, api: APIClient, accept: str) -> None:
        response = api.post(
            "/api/categories/bulk/",
            self.BODY,
            headers={"If-Match": "*", "Accept": accept},
        )

        assert response.status_code == 412
        assert "as if_match of its operation" in response.content.decode()
        assert not Category.objects.exists()
