"""The refusals of docs/wire.md, of limits among them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework import throttling
from rest_framework.test import APIClient

from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.handlers.viewsets import make_view
from tests.shop.models import Category, Event
from tests.xml import D, M, parse

pytestmark = pytest.mark.django_db

EMPTY = "The body is empty; it takes an array, or an object with operations."

REFUSALS = [
    ("bulk", "{}", 400, "malformed_batch",
     "The body must be an array of objects, got an object."),
    ("bulk", "null", 400, "malformed_batch",
     "The body must be an array of objects, got null."),
    ("bulk", "[]", 400, "malformed_batch",
     "The array of objects is empty; it takes 1 to 1000."),
    ("bulk", "", 400, "malformed_batch", EMPTY),
    ("batch", "", 400, "malformed_batch", EMPTY),
    ("batch", "[]", 400, "malformed_batch",
     'The body must be an object with an array: {"operations": [...]}.'),
    ("batch", '{"operations": []}', 400, "malformed_batch",
     "The array of operations is empty; it takes 1 to 1000."),
    ("batch", '{"operations": [{"ref": "a"}, {"ref": "a"}]}', 400, "malformed_batch",
     "The ref 'a' stands at operations 0 and 1; it must be unique in the request."),
    ("bulk/?atomic=maybe", "[{}]", 400, "parse_error",
     "The query option atomic takes true, false, 1 or 0, not 'maybe'."),
    ("bulk/?dry_run=1&dry_run=0", "[{}]", 400, "parse_error",
     "The query option dry_run stands 2 times."),
    ("bulk", json.dumps([{}] * 1001), 413, "too_many_operations",
     "The request holds 1001 operations, the limit is 1000. "
     "Send them in several requests."),
]  # fmt: skip


class TestRefusals:
    """Nothing ran, and the message says what would have been right."""

    @pytest.mark.parametrize(("route", "body", "status", "code", "detail"), REFUSALS)
    def test_fail_in_json_and_xml(
        self,
        api: APIClient,
        route: str,
        body: str,
        status: int,
        code: str,
        detail: str,
    ) -> None:
        route = route if "?" in route else f"{route}/"
        url = f"/api/categories/{route}"

        plain = api.post(url, body, content_type="application/json")
        xml = api.post(
            url,
            body,
            content_type="application/json",
            headers={"Accept": "application/xml"},
        )

        assert (plain.status_code, plain.json()) == (status, {"detail": detail})
        assert "Multistatus-Summary" not in plain
        assert xml.status_code == status
        root = parse(xml.content)
        assert root.tag == f"{D}error"
        assert root[0].tag == f"{M}{code}"
        assert detail in "".join(root.itertext())
        assert not Category.objects.exists()

    def test_fail_body_over_the_limit(self, api: APIClient, settings: Any) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
        body = json.dumps([{"name": "a" * 100}])

        response = api.post(
            "/api/categories/bulk/", body, content_type="application/json"
        )

        assert response.status_code == 413
        assert response.json() == {
            "detail": f"The body has {len(body)} bytes, the limit is 100 bytes. "
            f"Send it in several requests."
        }

    def test_fail_media_type(self, api: APIClient) -> None:
        response = api.post("/api/categories/bulk/", "a", content_type="text/csv")

        assert response.status_code == 415
        assert response.json() == {
            "detail": 'Unsupported media type "text/csv" in request; send '
            "application/json, application/xml or text/xml."
        }

    def test_fail_form(self, api: APIClient) -> None:
        response = api.post("/api/categories/bulk/", {"name": "a"}, format="multipart")

        assert response.status_code == 415

    def test_each_operation_is_throttled(self, api: APIClient, serve: Serve) -> None:
        class Never(throttling.BaseThrottle):
            def allow_request(self, request: Any, view: Any) -> bool:
                return False

            def wait(self) -> float:
                return 8.5

        serve(make_view(throttle_classes=[Never]))

        response = api.post("/things/bulk/", [{"name": "a"}])

        (result,) = get_results(response)
        assert (result["status"], result["retry_after"]) == (429, 9)
        assert not Category.objects.exists()


class TestLimits:
    """Read when used, and the viewset's own first."""

    def test_setting_that_changes_at_run_time(
        self, api: APIClient, settings: Any
    ) -> None:
        body = [{"name": "a"}, {"name": "b"}, {"name": "c"}]

        settings.MULTISTATUS = {"MAX_OPERATIONS": 2}
        refused = api.post("/api/categories/bulk/", body)
        settings.MULTISTATUS = {"MAX_OPERATIONS": 3}
        taken = api.post("/api/categories/bulk/", body)

        assert refused.status_code == 413
        assert refused.json()["detail"].startswith(
            "The request holds 3 operations, the limit is 2."
        )
        assert get_statuses(taken) == [201, 201, 201]

    def test_limit_of_a_viewset(self, api: APIClient, settings: Any) -> None:
        settings.MULTISTATUS = {"MAX_OPERATIONS": 1}

        taken = api.post("/api/events/bulk/", [{"text": "a"}] * 3)
        refused = api.post("/api/events/bulk/", [{"text": "a"}] * 4)
        elements = [op("POST", data={"text": "a"})] * 4
        in_batch = api.post("/api/events/batch/", batch(*elements))

        assert get_statuses(taken) == [201, 201, 201]
        assert refused.status_code == in_batch.status_code == 413
        assert Event.objects.count() == 3

    def test_depth(self, api: APIClient, settings: Any) -> None:
        settings.MULTISTATUS = {"MAX_DEPTH": 3}

        taken = api.post("/api/categories/bulk/", [{"name": "a", "x": [1]}])
        refused = api.post("/api/categories/bulk/", [{"name": "a", "x": [[1]]}])

        assert get_statuses(taken) == [201]
        assert refused.status_code == 400
        assert refused.json() == {
            "detail": "The body nests deeper than 3 levels of arrays and objects."
        }
