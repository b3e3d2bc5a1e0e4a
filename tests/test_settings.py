from __future__ import annotations

from types import MappingProxyType

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from multistatus_app.settings import DEFAULTS, get_bulk_limit, get_setting
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop.views import CategoryViewSet, EventViewSet


@pytest.mark.once
def test_defaults(settings):
    assert not hasattr(settings, "MULTISTATUS")

    assert DEFAULTS == {
        "MAX_OPERATIONS": 1000,
        "MAX_DEPTH": 64,
        "MIN_SET_SIZE": 4,
        "QUIET_RECEIVERS": [],
    }
    assert {name: get_setting(name) for name in DEFAULTS} == DEFAULTS


@pytest.mark.once
@pytest.mark.parametrize("value", [None, {}, {"MAX_DEPTH": 3}])
def test_default_of_what_is_left_out(settings, value):
    settings.MULTISTATUS = value

    assert get_setting("MAX_OPERATIONS") == 1000


@pytest.mark.once
def test_read_when_used(settings):
    for value in (5, 6):
        settings.MULTISTATUS = MappingProxyType({"MAX_OPERATIONS": value})

        assert get_setting("MAX_OPERATIONS") == value


@pytest.mark.once
def test_fail_unknown_setting(settings):
    settings.MULTISTATUS = {"MAX": 1}

    with pytest.raises(KeyError, match="'MAX'"):
        get_setting("MAX")


@pytest.mark.once
def test_bulk_limit(settings):
    settings.MULTISTATUS = {"MAX_OPERATIONS": 7}

    assert get_bulk_limit(EventViewSet) == 3
    assert get_bulk_limit(EventViewSet()) == 3
    assert get_bulk_limit(EventViewSet(bulk_limit=2)) == 2
    assert get_bulk_limit(CategoryViewSet) == 7
    assert get_bulk_limit(object()) == 7


@pytest.mark.once
def test_bulk_limit_is_a_property():
    class Dynamic(BulkModelViewSet):
        @property
        def bulk_limit(self):
            return 12

    assert get_bulk_limit(Dynamic()) == 12


@pytest.mark.django_db
def test_limit_of_a_request():
    for limit, status in ((2, 207), (1, 413), (2, 207)):
        with override_settings(MULTISTATUS={"MAX_OPERATIONS": limit}):
            response = APIClient().post(
                "/api/categories/bulk/", [{"name": ""}, {"name": ""}], format="json"
            )

        assert response.status_code == status


XML = (
    '<m:bulk xmlns:m="urn:multistatus" xmlns="urn:multistatus:fields">'
    "<m:item><name>{}</name></m:item></m:bulk>"
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content_type", "bodies"),
    [
        (
            "application/json",
            [f'[{{"name": {value}}}]' for value in ("[[]]", "[[[]]]")],
        ),
        (
            "application/xml",
            [XML.format(f"{'<x>' * n}a{'</x>' * n}") for n in (2, 3)],
        ),
    ],
)
def test_depth_of_a_request(settings, content_type, bodies):
    """Four levels: the array, the object, and two below `name`."""
    settings.MULTISTATUS = {"MAX_DEPTH": 4}

    answers = [
        APIClient().post("/api/categories/bulk/", body, content_type=content_type)
        for body in bodies
    ]

    assert [answer.status_code for answer in answers] == [207, 400]
