"""The view and the request of one operation, and the paths of resources."""

from __future__ import annotations

from typing import Any

import pytest
from django.test.utils import override_script_prefix
from django.urls import include, path
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient, APIRequestFactory

from multistatus_app.handlers import Batch, get_state
from multistatus_app.outcomes import Operation
from multistatus_app.views import BulkView
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory
from tests.handlers.viewsets import make_urlconf, make_view
from tests.shop import serializers as shop
from tests.shop.models import Category

pytestmark = pytest.mark.django_db

MADE: list[Batch] = []


class CatchingViewSet(BulkModelViewSet):
    """Stock."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer


@pytest.fixture(autouse=True)
def caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the operations share."""
    stock = BulkView.check_throttles

    def check_throttles(self: Any, request: Any) -> None:
        stock(self, request)
        MADE.append(self.batch)

    monkeypatch.setattr(BulkView, "check_throttles", check_throttles)
    MADE.clear()


@pytest.fixture
def shared(api: APIClient, serve: Serve) -> Batch:
    """Give what the operations of a bulk request share."""
    serve(CatchingViewSet)
    api.patch(
        "/things/bulk/?atomic=1&color=red",
        "[",
        content_type="application/json",
        headers={"Prefer": "return=minimal", "X-Tenant": "a"},
    )
    return MADE[0]


PATCH = Operation(index=0, method="PATCH", key="5", data={"name": "a"})


@pytest.mark.parametrize(
    ("operation", "method", "path", "action", "kwargs", "detail", "suffix"),
    [
        (Operation(index=0, method="POST", data={}), "POST", "/things/", "create", {},
         False, "List"),
        (PATCH, "PATCH", "/things/5/", "partial_update", {"pk": "5"}, True, "Instance"),
        (Operation(index=0, method="PUT", key="a b", data={}), "PUT", "/things/a b/",
         "update", {"pk": "a b"}, True, "Instance"),
        (Operation(index=0, method="DELETE", key="ä"), "DELETE", "/things/ä/",
         "destroy", {"pk": "ä"}, True, "Instance"),
    ],
)  # fmt: skip
def test_view_of_an_operation(
    shared: Batch,
    operation: Operation,
    method: str,
    path: str,
    action: str,
    kwargs: Any,
    detail: bool,
    suffix: str,
) -> None:
    view = shared.get_view(operation)

    request = view.request
    assert (view.action, view.kwargs, view.detail, view.suffix) == (
        action, kwargs, detail, suffix,
    )  # fmt: skip
    assert (request.method, request.path, request.path_info) == (method, path, path)
    assert request.query_params.dict() == {"color": "red"}
    assert request.META["QUERY_STRING"] == "color=red"
    assert request.META["REQUEST_METHOD"] == method
    assert request.headers["X-Tenant"] == "a"
    assert "Prefer" not in request.headers
    assert view.format_kwarg is None
    state = get_state(request)
    assert state is not None
    assert state.operation is operation


def test_data_is_that_of_the_operation(shared: Batch) -> None:
    request = shared.get_view(PATCH).request

    assert request.data == PATCH.data
    assert request.data is not PATCH.data
    assert not request.FILES
    assert (
        shared.get_view(Operation(index=1, method="DELETE", key="1")).request.data == {}
    )


def test_views_and_requests_are_fresh(shared: Batch) -> None:
    one, two = shared.get_view(PATCH), shared.get_view(PATCH)

    one.mark = one.request.mark = "changed"
    one.request._request.mark = one.request.META["mark"] = "changed"
    one.request._request.GET = None

    assert two.kwargs == {"pk": "5"}
    assert not hasattr(two, "mark")
    assert not hasattr(two.request, "mark")
    assert "mark" not in two.request.META
    assert two.request.query_params.dict() == {"color": "red"}


def test_view_of_another_method_on_the_same_resource(shared: Batch) -> None:
    view = shared.get_view(PATCH, method="GET")

    assert (view.action, view.request.method) == ("retrieve", "GET")
    assert view.get_serializer_context()["format"] is None


def test_paths(shared: Batch) -> None:
    paths = shared.paths

    assert paths.list.path == "/things/"
    assert paths.get_href("5") == "/things/5/"
    assert paths.get_href("ä b") == "/things/%C3%A4%20b/"
    assert paths.get_href("a/b") is None
    assert paths.get_href("") is None
    assert paths.get_href("\ud800") is None
    assert paths.get_href(None) is None
    keys = ("5", "a b", "a/b", "a.b", "", "\ud800")
    assert [paths.has_route(key) for key in keys] == [
        True, True, False, False, False, False,
    ]  # fmt: skip


def test_paths_below_a_prefix(api: APIClient, serve: Serve) -> None:
    serve(CatchingViewSet)
    with override_script_prefix("/deep/"):
        api.patch("/things/bulk/", [])
        shared = MADE[0]
        view = shared.get_view(PATCH)

        assert shared.paths.get_href("5") == "/deep/things/5/"
        assert view.request.path == "/deep/things/5/"
        assert view.request.path_info == "/things/5/"
        assert view.request.build_absolute_uri() == ("http://testserver/deep/things/5/")


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (None, None),
        ("", None),
        ("/a/1/", "/a/1/"),
        ("http://testserver/a/1/?x#y", "/a/1/"),
        ("http://testserver", None),
        ("http://testserver/ä b/?ö", "/%C3%A4%20b/"),
        ("1/", None),
        ("../1/", None),
    ],
)
def test_location_of_a_response(
    shared: Batch, location: str | None, path: str | None
) -> None:
    headers = {} if location is None else {"Location": location}

    assert shared.paths.get_located(Response(headers=headers)) == path


def test_key_of_an_instance(shared: Batch) -> None:
    product = ProductFactory()
    paths = shared.paths

    assert paths.get_key(product) == str(product.pk)
    paths.lookup_field = "category__name"
    assert paths.get_key(product) == product.category.name
    assert paths.get_key(object()) is None


def test_viewset_without_routes_of_its_own(api: APIClient) -> None:
    """Called as a function, outside of any URLconf."""
    row = CategoryFactory()
    view = CatchingViewSet.as_view({"patch": "bulk"})
    request = APIRequestFactory().patch(
        "/anywhere/", [{"id": row.pk, "name": "a"}], format="json"
    )

    response = view(request).render()

    assert response.status_code == 207
    (result,) = response.data["results"]
    assert (result["status"], result["data"]["name"]) == (200, "a")
    assert "href" not in result


def test_script_of_a_key_that_no_url_carries(api: APIClient) -> None:
    response = api.post(
        "/api/categories/batch/",
        batch(op("DELETE", "a/b"), op("DELETE", "1.5"), op("DELETE", "")),
    )

    assert get_statuses(response) == [404, 404, 404]
    assert {each["error"]["code"] for each in get_results(response)} == {"not_found"}


@pytest.mark.parametrize("smallest", [1, None], ids=["sets", "singly"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_hook_that_takes_a_parameter_out_of_the_path(
    api: APIClient, settings: Any, smallest: int | None, count: int
) -> None:
    """Each view has parameters of its own."""

    def get_queryset(self: Any) -> Any:
        return Category.objects.filter(parent__name=self.kwargs.pop("parent"))

    settings.MULTISTATUS = {"MIN_SET_SIZE": smallest}
    router = SimpleRouter()
    router.register("things", make_view(get_queryset=get_queryset), basename="thing")
    settings.ROOT_URLCONF = make_urlconf(path("<slug:parent>/", include(router.urls)))
    rows = CategoryFactory.create_batch(count, parent=CategoryFactory(name="a"))
    body = [{"id": each.pk, "name": f"new {each.pk}"} for each in rows]

    singly = [api.patch(f"/a/things/{each['id']}/", each) for each in body]
    response = api.patch("/a/things/bulk/", body)

    assert [each.status_code for each in singly] == [200] * count
    assert get_statuses(response) == [200] * count
