"""Results survive being saved; tables and the picture say what was measured."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.benchmarks.plot import draw
from tests.benchmarks.results import (
    BULK,
    NAIVE,
    RAW,
    Group,
    Measurement,
    Memory,
    Results,
    load,
    save,
)
from tests.benchmarks.tables import get_left_out, get_scaling_table, get_size_table

pytestmark = pytest.mark.once

CREATE = Group(operations=100, kind="create")
RESULTS = Results(
    vendor="sqlite",
    about="SQLite",
    measurements=(
        Measurement(contender=NAIVE, group=CREATE, seconds=(0.8, 0.7, 9.0)),
        Measurement(contender=BULK, group=CREATE, seconds=(0.2,)),
        Measurement(contender=RAW, group=CREATE, left_out="NotDone: it slept"),
    ),
    memory=(Memory(kind="create", operations=100, above_idle=1_000_000),),
)


def test_saved_results_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "results.json"

    save(path, RESULTS)

    assert load(path) == [RESULTS]


def test_only_a_group_that_was_measured_again_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    update = Group(operations=100, kind="update")
    save(path, RESULTS)

    for group, seconds in ((update, 3.0), (CREATE, 2.0)):
        again = Measurement(contender=BULK, group=group, seconds=(seconds,))
        save(path, Results(vendor="sqlite", about="SQLite", measurements=(again,)))

    [saved] = load(path)
    assert saved.get_seconds(update, BULK) == 3.0
    assert saved.get_seconds(CREATE, BULK) == 2.0
    assert saved.get_seconds(CREATE, NAIVE) is None
    assert saved.memory == RESULTS.memory


def test_ratios_are_of_medians() -> None:
    assert get_size_table(RESULTS, 100).splitlines()[2:] == [
        "| create | naive loop | \N{EN DASH} | \N{EN DASH} | 1.00 | 800 |",
        "| create | bulk/ | \N{EN DASH} | \N{EN DASH} | 4.00 | 200 |",
    ]


def test_scaling_compares_sizes() -> None:
    longer = Group(operations=1000, kind="create")
    ten = Measurement(contender=BULK, group=longer, seconds=(1.0,))
    results = Results(
        vendor="sqlite", about="", measurements=(*RESULTS.measurements, ten)
    )

    assert get_scaling_table(results).splitlines() == [
        "|  | contender | 1,000 ÷ 100 |",
        "| --- | --- | ---: |",
        "| create | bulk/ | 5.00 |",
    ]


def test_who_is_left_out_is_told_with_the_reason() -> None:
    assert get_left_out(RESULTS) == "- raw bulk call (100 create): NotDone: it slept"


def test_the_picture_names_contender_and_ratio() -> None:
    picture = ElementTree.fromstring(draw([RESULTS], 100))  # noqa: S314  # our own

    texts = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert "bulk/" in texts
    assert "4.0" in texts


def test_no_picture_without_the_naive_loop() -> None:
    message = "The naive loop has no times at 7 operations."
    with pytest.raises(ValueError, match=message):
        draw([RESULTS], 7)
