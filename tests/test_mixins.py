"""The routes: full requests under every router, and the refusals of docs/wire.md."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test.utils import override_script_prefix
from django.urls import include, path, resolve, reverse
from rest_framework import (
    authentication,
    mixins,
    parsers,
    permissions,
    renderers,
    throttling,
    viewsets,
)
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter, SimpleRouter
from rest_framework.test import APIClient

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_details, get_error, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, NoteFactory, ProductFactory, UserFactory
from tests.shop import serializers as shop
from tests.shop.models import Category, Event, Note
from tests.xml import D, M, parse

pytestmark = pytest.mark.django_db

EMPTY = "The body is empty; it takes an array, or an object with operations."


def make_view(*bases: Any, **members: Any) -> Any:
    """Return a viewset of categories."""
    stock = {
        "queryset": Category.objects.all(),
        "serializer_class": shop.CategorySerializer,
    }
    return type("MadeViewSet", bases or (BulkModelViewSet,), stock | members)


class TestRoutes:
    """Under any router of anybody."""

    @pytest.mark.parametrize(
        ("name", "kwargs", "url"),
        [
            ("category-bulk", {}, "/api/categories/bulk/"),
            ("category-batch", {}, "/api/categories/batch/"),
            ("v2:product-bulk", {}, "/v2/products/bulk"),
            ("v2:product-batch", {}, "/v2/products/batch"),
            (
                "nested-product-bulk",
                {"category_pk": 5},
                "/nested/categories/5/products/bulk/",
            ),
        ],
    )
    def test_names(self, name: str, kwargs: Any, url: str) -> None:
        assert reverse(name, kwargs=kwargs) == url
        assert resolve(url).view_name == name

    @pytest.mark.parametrize(
        ("root", "suffix"),
        [
            ("/api/products", "/"),
            ("/v2/products", ""),
            ("/nested/categories/{}/products", "/"),
        ],
    )
    def test_success_under_every_router(
        self, api: APIClient, root: str, suffix: str
    ) -> None:
        product = ProductFactory()
        root = root.format(product.category_id)
        new = {"sku": "new", "name": "n", "price": 1, "category": product.category_id}

        created = api.post(f"{root}/bulk{suffix}", [new])
        changed = api.post(
            f"{root}/batch{suffix}", batch(op("PATCH", product.pk, {"stock": 3}))
        )

        pk = get_results(created)[0]["data"]["id"]
        assert get_results(created)[0]["href"] == f"{root}/{pk}{suffix}"
        assert get_results(changed)[0]["href"] == f"{root}/{product.pk}{suffix}"
        assert api.get(get_results(created)[0]["href"]).status_code == 200

    def test_href_has_the_script_prefix(self, api: APIClient) -> None:
        row = CategoryFactory()

        with override_script_prefix("/prefix/"):
            response = api.patch("/api/categories/bulk/", [{"id": row.pk, "name": "a"}])

        assert get_results(response)[0]["href"] == f"/prefix/api/categories/{row.pk}/"

    def test_lookup_field_and_url_kwarg(self, api: APIClient) -> None:
        product = ProductFactory(sku="a-b")

        response = api.put(
            "/api/skus/bulk/",
            [{"sku": "a-b", "name": "x", "price": 2, "category": product.category_id}],
        )

        assert get_results(response)[0]["href"] == "/api/skus/a-b/"
        assert get_results(response)[0]["data"]["name"] == "x"

    def test_converter_of_the_project(self, api: APIClient, settings: Any) -> None:
        """Keys are values of the field; the converter makes URLs of them."""
        from django.urls import register_converter
        from django.urls.converters import REGISTERED_CONVERTERS, get_converters

        class Offset:
            regex = "[0-9]+"

            def to_python(self, value: str) -> int:
                return int(value) - 1000

            def to_url(self, value: Any) -> str:
                return str(int(value) + 1000)

        if "offset" not in REGISTERED_CONVERTERS:
            register_converter(Offset, "offset")
        get_converters.cache_clear()
        router = SimpleRouter(use_regex_path=False)
        router.register(
            "things", make_view(lookup_value_converter="offset"), basename="thing"
        )
        settings.ROOT_URLCONF = make_urlconf(router.urls)
        rows = CategoryFactory.create_batch(3)

        response = api.patch(
            "/things/bulk/", [{"id": each.pk, "name": f"n{each.pk}"} for each in rows]
        )

        assert [
            (each["status"], each["href"], each["data"]["id"])
            for each in get_results(response)
        ] == [(200, f"/things/{each.pk + 1000}/", each.pk) for each in rows]

    def test_converter_that_returns_text(self, api: APIClient, settings: Any) -> None:
        """Every key goes through it, not the first alone."""
        from django.urls import register_converter
        from django.urls.converters import REGISTERED_CONVERTERS, get_converters

        class Lower:
            regex = "[A-Za-z-]+"

            def to_python(self, value: str) -> str:
                return value.lower()

            def to_url(self, value: str) -> str:
                return value

        if "lower" not in REGISTERED_CONVERTERS:
            register_converter(Lower, "lower")
        get_converters.cache_clear()
        router = SimpleRouter(use_regex_path=False)
        view = make_view(lookup_field="name", lookup_value_converter="lower")
        router.register("things", view, basename="thing")
        settings.ROOT_URLCONF = make_urlconf(router.urls)
        for name in ("abc", "def"):
            CategoryFactory(name=name)

        response = api.delete("/things/bulk/", ["abc", "DEF"])

        assert get_statuses(response) == [204, 204]

    def test_single_endpoints_are_as_they_were(self, api: APIClient) -> None:
        row = CategoryFactory()

        assert api.get("/api/categories/").json() == [
            {"id": row.pk, "name": row.name, "parent": None}
        ]
        assert (
            api.get(
                "/api/categories/", headers={"Accept": "application/xml"}
            ).status_code
            == 406
        )
        single = api.post("/api/categories/", {"name": "a"})
        assert single.status_code == 201
        assert "Cache-Control" not in single
        assert single["Vary"] == "Accept, Cookie"


class TestMethods:
    """What is not offered singly is not offered in bulk."""

    @pytest.mark.parametrize(
        ("url", "method", "allow"),
        [
            ("/api/categories/bulk/", "get", "POST, PUT, PATCH, DELETE, OPTIONS"),
            ("/api/categories/batch/", "delete", "POST, OPTIONS"),
            ("/api/categories/batch/", "get", "POST, OPTIONS"),
            ("/api/events/bulk/", "put", "POST, OPTIONS"),
            ("/api/events/bulk/", "delete", "POST, OPTIONS"),
        ],
    )
    def test_fail_with_a_true_allow(
        self, api: APIClient, url: str, method: str, allow: str
    ) -> None:
        response = getattr(api, method)(url, [])

        assert response.status_code == 405
        assert response["Allow"] == allow
        assert response.json() == {"detail": f'Method "{method.upper()}" not allowed.'}
        assert response["Cache-Control"] == "no-store"
        assert response["Vary"] == "Accept, Prefer, Cookie"

    @pytest.mark.parametrize("name", ["bulk", "batch"])
    def test_fail_viewset_that_offers_nothing(self, api: APIClient, name: str) -> None:
        """The path is a key of the detail route, as it was before."""
        assert api.post(f"/api/read-only/{name}/", []).status_code == 405
        assert api.get(f"/api/read-only/{name}/").status_code == 404

    def test_bases_in_the_other_order(self, api: APIClient) -> None:
        product = ProductFactory()

        response = api.patch("/api/patch-only/bulk/", [{"id": product.pk, "stock": 2}])
        mixed = api.post(
            "/api/patch-only/batch/",
            batch(op("PATCH", product.pk, {"stock": 3}), op("DELETE", product.pk)),
        )

        assert get_statuses(response) == [200]
        assert get_statuses(mixed) == [200, 405]

    def test_options(self, api: APIClient) -> None:
        response = api.options("/api/categories/bulk/")

        assert response.status_code == 200
        assert response["Allow"] == "POST, PUT, PATCH, DELETE, OPTIONS"
        document = response.json()
        assert document["renders"][0] == "application/json"
        assert "application/xml" in document["renders"]
        assert document["parses"] == ["application/json", "application/xml", "text/xml"]

    @pytest.mark.parametrize(
        "bases",
        [
            (BulkModelMixin, viewsets.ModelViewSet),
            (viewsets.ModelViewSet, BulkModelMixin),
            (BulkModelMixin, mixins.CreateModelMixin, viewsets.GenericViewSet),
            (mixins.CreateModelMixin, viewsets.GenericViewSet, BulkModelMixin)[::-1],
            (mixins.CreateModelMixin, BulkModelMixin),
        ],
    )
    def test_any_order_of_bases(self, api: APIClient, serve: Serve, bases: Any) -> None:
        serve(make_view(*bases))

        response = api.post("/things/bulk/", [{"name": "a"}])

        assert get_statuses(response) == [201]

    def test_subclass_that_takes_methods_away(
        self, api: APIClient, serve: Serve
    ) -> None:
        serve(make_view(http_method_names=["get", "post", "delete", "options"]))

        assert api.options("/things/bulk/")["Allow"] == "POST, DELETE, OPTIONS"
        assert api.patch("/things/bulk/", []).status_code == 405


class TestPreferences:
    """`Prefer` (RFC 7240) and what the answer says of it."""

    def test_minimal(self, api: APIClient) -> None:
        response = api.post(
            "/api/categories/bulk/",
            [{"name": "a"}, {"name": ""}],
            headers={"Prefer": "return=minimal"},
        )

        good, bad = get_results(response)
        assert good == {
            "index": 0,
            "method": "POST",
            "status": 201,
            "href": f"/api/categories/{Category.objects.get().pk}/",
        }
        assert bad["error"]["errors"][0]["pointer"] == "#/name"
        assert response["Preference-Applied"] == "return=minimal"

    @pytest.mark.parametrize(
        ("prefer", "applied"),
        [
            ("return=representation", "return=representation"),
            ("return=x", None),
            ("", None),
        ],
    )
    def test_representation(
        self, api: APIClient, prefer: str, applied: str | None
    ) -> None:
        response = api.post(
            "/api/categories/bulk/", [{"name": "a"}], headers={"Prefer": prefer}
        )

        assert get_results(response)[0]["data"]["name"] == "a"
        assert response.get("Preference-Applied") == applied

    def test_an_operation_does_not_see_it(self, api: APIClient, serve: Serve) -> None:
        seen: list[Any] = []

        def perform_create(self: Any, serializer: Any) -> None:
            seen.append(self.request.headers.get("Prefer"))
            serializer.save()

        serve(make_view(perform_create=perform_create))
        api.post("/things/bulk/", [{"name": "a"}], headers={"Prefer": "return=minimal"})

        assert seen == [None]


class TestHeaders:
    """What every answer of these routes carries."""

    @pytest.mark.parametrize(
        ("body", "headers", "status"),
        [
            ('[{"name": "a"}]', {}, 207),
            ("[", {}, 400),
            ("[]", {"Accept": "image/png"}, 406),
            ("[]", {"Content-Type": "text/csv"}, 415),
            (json.dumps([{}] * 1001), {}, 413),
        ],
    )
    def test_vary_and_cache_control(
        self, api: APIClient, body: str, headers: dict[str, str], status: int
    ) -> None:
        content_type = headers.pop("Content-Type", "application/json")
        response = api.post(
            "/api/categories/bulk/", body, content_type=content_type, headers=headers
        )

        assert response.status_code == status
        assert response["Cache-Control"] == "no-store"
        # Whether somebody looked at the session is not ours to say.
        assert response["Vary"].removesuffix(", Cookie") == "Accept, Prefer"
        assert "Location" not in response

    def test_vary_is_merged(self, api: APIClient, serve: Serve) -> None:
        def finalize_response(self: Any, *args: Any, **kwargs: Any) -> Any:
            response = BulkModelViewSet.finalize_response(self, *args, **kwargs)
            response["X-Own"] = "1"
            return response

        serve(
            make_view(
                finalize_response=finalize_response,
                authentication_classes=[authentication.SessionAuthentication],
            )
        )

        response = api.post("/things/bulk/", [{"name": "a"}])

        assert set(response["Vary"].split(", ")) >= {"Accept", "Prefer"}
        assert "X-Own" not in response  # that is for the answer of an operation

    def test_summary(self, api: APIClient) -> None:
        response = api.post("/api/categories/bulk/", [{"name": "a"}, {}])

        assert response["Multistatus-Summary"] == (
            "total=2, succeeded=1, failed=1, committed=?1"
        )

    def test_all_bad_is_a_207_too(self, api: APIClient) -> None:
        response = api.post("/api/categories/bulk/", [{}, {}])

        assert get_statuses(response) == [400, 400]
        assert response["Multistatus-Summary"] == (
            "total=2, succeeded=0, failed=2, committed=?1"
        )


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

    def test_fail_chunked(self, api: APIClient) -> None:
        response = api.generic(
            "POST",
            "/api/categories/bulk/",
            content_type="application/json",
            headers={"Transfer-Encoding": "chunked"},
        )

        assert response.status_code == 411
        assert response.json() == {
            "detail": "The body came without a Content-Length; send it with one, "
            "not chunked."
        }

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


def allow(user: Any, *names: str) -> None:
    """Give a user permissions on categories."""
    user.user_permissions.set(Permission.objects.filter(codename__in=names))


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


class TestOverrides:
    """Methods of the view that projects override."""

    def test_initial(self, api: APIClient, serve: Serve) -> None:
        seen: list[Any] = []

        def initial(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
            BulkModelViewSet.initial(self, request, *args, **kwargs)
            self.tenant = f"{self.action} {kwargs}"
            seen.append((self.action, kwargs))

        def get_queryset(self: Any) -> Any:
            assert self.tenant
            return Category.objects.all()

        serve(make_view(initial=initial, get_queryset=get_queryset))
        one, two = CategoryFactory.create_batch(2)

        response = api.delete("/things/bulk/", [one.pk, two.pk])

        assert get_statuses(response) == [204, 204]
        assert seen == [
            ("destroy", {"pk": str(one.pk)}),
            ("destroy", {"pk": str(two.pk)}),
        ]

    def test_initial_that_refuses_one(self, api: APIClient, serve: Serve) -> None:
        class Busy(APIException):
            status_code = 409
            default_code = "busy"
            default_detail = "Not now."

        def initial(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
            BulkModelViewSet.initial(self, request, *args, **kwargs)
            if request.data and self.action == "create" and not request.data["name"]:
                raise Busy

        serve(make_view(initial=initial))

        response = api.post("/things/bulk/", [{"name": ""}, {"name": "a"}])

        assert get_statuses(response) == [409, 201]
        assert get_results(response)[0]["error"] == get_error(
            "busy", "Not now.", 409, "Conflict"
        )

    def test_get_serializer(self, api: APIClient, serve: Serve) -> None:
        def get_serializer(self: Any, *args: Any, **kwargs: Any) -> Any:
            if "data" in kwargs:
                kwargs["data"] = {**kwargs["data"], "name": "from get_serializer"}
            return BulkModelViewSet.get_serializer(self, *args, **kwargs)

        serve(make_view(get_serializer=get_serializer))

        response = api.post("/things/bulk/", [{"name": "a"}])

        assert get_results(response)[0]["data"]["name"] == "from get_serializer"
        pk = Category.objects.get().pk
        assert get_results(response)[0]["href"] == f"/things/{pk}/"

    def test_renderers_and_parsers_of_its_own(
        self, api: APIClient, serve: Serve
    ) -> None:
        """A viewset that speaks HTML and forms still speaks our formats in bulk."""
        serve(
            make_view(
                renderer_classes=[renderers.BrowsableAPIRenderer],
                parser_classes=[parsers.FormParser],
            )
        )

        response = api.post(
            "/things/bulk/", [{"name": "a"}], headers={"Accept": "application/json"}
        )

        assert get_statuses(response) == [201]

    def test_extra_actions_of_its_own(self, api: APIClient, serve: Serve) -> None:
        from rest_framework.decorators import action

        class ExtraViewSet(BulkModelViewSet):
            queryset = Category.objects.all()
            serializer_class = shop.CategorySerializer

            @action(detail=False, methods=["post"])
            def clear(self, request: Any) -> Response:
                return Response({"cleared": Category.objects.all().delete()[0]})

        serve(ExtraViewSet)
        CategoryFactory()

        assert api.post("/things/clear/").json() == {"cleared": 1}
        assert get_statuses(api.post("/things/bulk/", [{"name": "a"}])) == [201]

    def test_subclass_of_a_subclass(self, api: APIClient, settings: Any) -> None:
        """Restricting one class leaves its parent and its siblings alone."""
        parent = make_view()
        child = make_view(parent, http_method_names=["get", "post", "options"])
        router = DefaultRouter()
        for name, each in (
            ("parents", parent),
            ("children", child),
            ("others", parent),
        ):
            router.register(name, each, basename=name)
        settings.ROOT_URLCONF = make_urlconf([path("x/", include(router.urls))])

        allowed = [
            api.options(f"/x/{name}/bulk/")["Allow"]
            for name in ("parents", "children", "others")
        ]

        full = "POST, PUT, PATCH, DELETE, OPTIONS"
        assert allowed == [full, "POST, OPTIONS", full]


def make_urlconf(patterns: Any) -> Any:
    """Return a URLconf of patterns."""
    from types import ModuleType

    urlconf = ModuleType("urlconf")
    urlconf.urlpatterns = patterns  # type: ignore[attr-defined]
    return urlconf
