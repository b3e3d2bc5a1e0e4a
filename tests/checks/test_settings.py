"""The checks of `MULTISTATUS`."""

from __future__ import annotations

from collections import OrderedDict
from types import MappingProxyType

import pytest
from django.core.checks import Error, Warning

from multistatus_app.checks import check_settings

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"MAX_OPERATIONS": 1, "MAX_DEPTH": 1},
        OrderedDict(MAX_DEPTH=8),
        MappingProxyType({"MAX_OPERATIONS": 5}),
    ],
)
def test_settings_are_right(settings, value):
    settings.MULTISTATUS = value

    assert check_settings() == []


def test_settings_are_left_out(settings):
    assert not hasattr(settings, "MULTISTATUS")

    assert check_settings() == []


KNOWN = "Known keys are MAX_OPERATIONS, MAX_DEPTH, MIN_SET_SIZE and QUIET_RECEIVERS"


@pytest.mark.parametrize(
    ("value", "name"), [(None, "NoneType"), ([], "list"), (1000, "int")]
)
def test_settings_are_no_dict(settings, value, name):
    settings.MULTISTATUS = value

    assert check_settings() == [
        Error(
            f"The setting MULTISTATUS must be a dict, got {name}.",
            hint=f"{KNOWN}; leave the setting out for the defaults.",
            id="multistatus.E001",
        )
    ]


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("MAX_OPERATION", f'Did you mean "MAX_OPERATIONS"? {KNOWN}.'),
        ("max_depth", f'Did you mean "MAX_DEPTH"? {KNOWN}.'),
        ("PAGE", f"{KNOWN}."),
        (7, f"{KNOWN}."),
    ],
)
def test_settings_have_an_unknown_key(settings, key, hint):
    settings.MULTISTATUS = {key: 1, "MAX_DEPTH": 5}

    assert check_settings() == [
        Error(
            f"MULTISTATUS has the key {key!r}, which is not known.",
            hint=hint,
            id="multistatus.E002",
        )
    ]


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "1000", None, [1]])
@pytest.mark.parametrize(
    ("key", "default"), [("MAX_OPERATIONS", 1000), ("MAX_DEPTH", 64)]
)
def test_settings_have_an_impossible_value(settings, key, default, value):
    settings.MULTISTATUS = {key: value}

    assert check_settings() == [
        Error(
            f'MULTISTATUS["{key}"] must be a positive integer, got {value!r}.',
            hint=f"The default is {default}.",
            id="multistatus.E003",
        )
    ]


def test_settings_have_several_faults(settings):
    settings.MULTISTATUS = {"MAX_DEPTH": 0, "DEPTH": 3, "MAX_OPERATIONS": "x"}

    assert [each.id for each in check_settings()] == [
        "multistatus.E003",
        "multistatus.E002",
        "multistatus.E003",
    ]


def test_setting_is_flat(settings):
    settings.MULTISTATUS_MAX_OPERATIONS = 5000

    assert check_settings() == [
        Warning(
            "The setting MULTISTATUS_MAX_OPERATIONS is not read.",
            hint='Write MULTISTATUS = {"MAX_OPERATIONS": ...}.',
            id="multistatus.W006",
        )
    ]


@pytest.mark.parametrize("value", ["receivers.*", ["receivers.*", 7], None])
def test_receivers_are_a_list_of_names(settings, value):
    settings.MULTISTATUS = {"QUIET_RECEIVERS": value}

    [error] = check_settings()

    assert error.id == "multistatus.E003"
    assert error.msg == (
        f'MULTISTATUS["QUIET_RECEIVERS"] must be a list of dotted names, got {value!r}.'
    )
