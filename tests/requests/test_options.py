"""Query options and `Prefer` (docs/wire.md)."""

from __future__ import annotations

import pytest
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from multistatus_app.exceptions import NothingToMatch
from multistatus_app.requests.options import Options

pytestmark = pytest.mark.once


def read(query: str = "", prefer: str | None = None) -> Options:
    """Read the options of a request."""
    headers = {} if prefer is None else {"Prefer": prefer}
    return Options.read(
        Request(APIRequestFactory().post(f"/?{query}", headers=headers))
    )


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", Options()),
        ("page=2", Options()),
        ("atomic=true", Options(atomic=True)),
        ("atomic=1", Options(atomic=True)),
        ("atomic=false&dry_run=0", Options()),
        ("dry_run=true", Options(dry_run=True)),
        ("dry_run=1&atomic=true", Options(dry_run=True, atomic=True)),
        ("only_failures=true", Options(only_failures=True)),
        ("only_failures=0", Options()),
        # Parameters of a project's own, however near.
        ("dry=1&run=1&atomics=1&failures=1", Options()),
    ],
)
def test_success(query: str, options: Options) -> None:
    assert read(query) == options


@pytest.mark.parametrize("name", ["atomic", "dry_run", "only_failures"])
@pytest.mark.parametrize("value", ["yes", "", "True", "TRUE", "2", "true ", "on"])
def test_fail_neither_true_nor_false(name: str, value: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(f"{name}={value.replace(' ', '%20')}")

    assert str(caught.value) == (
        f"The query option {name} takes true, false, 1 or 0, not {value!r}."
    )


def test_fail_option_twice() -> None:
    with pytest.raises(ParseError) as caught:
        read("atomic=true&atomic=true")

    assert str(caught.value) == "The query option atomic stands 2 times."


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("dryrun", "dry_run"),
        ("DRY-RUN", "dry_run"),
        ("dryRun", "dry_run"),
        ("dry__run", "dry_run"),
        ("Atomic", "atomic"),
        ("_atomic", "atomic"),
        ("onlyFailures", "only_failures"),
        ("only-failures", "only_failures"),
    ],
)
@pytest.mark.parametrize("value", ["true", "false", "", "maybe"])
def test_fail_option_in_another_spelling(name: str, known: str, value: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(f"{name}={value}")

    assert str(caught.value) == (
        f"There is no query option {name!r}; the option is {known}."
    )


@pytest.mark.parametrize("tag", ['"5f1c"', "*", "nonsense", ""])
def test_fail_if_match_on_the_route(tag: str) -> None:
    request = APIRequestFactory().post("/", headers={"If-Match": tag})

    with pytest.raises(NothingToMatch) as caught:
        Options.read(Request(request))

    assert caught.value.status_code == 412
    assert caught.value.detail.code == "precondition_failed"
    assert str(caught.value) == (
        "If-Match does not hold: this route has no representation. Give the entity "
        "tag of each resource as if_match of its operation in a batch."
    )


@pytest.mark.parametrize(
    ("prefer", "preference"),
    [
        (None, None),
        ("", None),
        ("return=minimal", "minimal"),
        ("return=representation", "representation"),
        ("Return = MINIMAL", "minimal"),
        ('return="minimal"', "minimal"),
        ("return=minimal; foo=bar", "minimal"),
        ("respond-async, wait=10, return=minimal", "minimal"),
        ('a="x, return=minimal", return=representation', "representation"),
        ('a="x\\", return=minimal"', None),
        ("handling=lenient;return=minimal", None),
        # RFC 7240 2: the first of a preference that stands twice is used.
        ("return=minimal, return=representation", "minimal"),
        ("return=everything", None),
        ("return", None),
        ("minimal", None),
        ("no-return=minimal", None),
        (",,return=minimal", "minimal"),
        ('return="', None),
    ],
)
def test_preference(prefer: str | None, preference: str | None) -> None:
    options = read(prefer=prefer)

    assert options.preference == preference
    assert options.minimal is (preference == "minimal")


def test_preference_is_read_in_linear_time() -> None:
    assert read(prefer='a="' + "\\" * 50_000 + ", " * 5_000).preference is None


@pytest.mark.parametrize(
    "prefer",
    [
        "a;" * 16_000 + " " * 32_000 + '"',
        "a" + ';"b' * 21_000,
        'a="' * 21_000,
        " " * 64_000,
        "a=" + " " * 64_000 + '"',
        "return;" + "b" * 64_000 + '"',
        ('"' + "\\" * 9) * 6_400,
    ],
)
def test_a_hostile_header_of_64_kilobytes_is_read(prefer: str) -> None:
    assert read(prefer=prefer).preference is None
    assert read(prefer=f"return=minimal, {prefer}").preference == "minimal"
