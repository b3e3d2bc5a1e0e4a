"""Values that are unique together: what is known to be free, and what is a doubt."""

from __future__ import annotations

import pytest
from rest_framework import fields
from rest_framework.validators import UniqueValidator

from multistatus_app.sets.accepting import DOUBT, compose
from tests.parity.models import Place
from tests.sets.comparing import find_differences, make_serializer
from tests.sets.serializers import (
    TAKEN,
    TAKEN_NULL,
    PlaceSerializer,
    get_places,
    make_place_serializer,
)
from tests.shop.models import Category


@pytest.mark.django_db
@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("is_update", [False, True])
def test_unique_together(partial: bool, is_update: bool) -> None:
    Place.objects.create(width=2, depth=1)
    instance = Place.objects.create(width=3, depth=1, position=7) if is_update else None
    datas = list(get_places())

    wrong, accepted = find_differences(
        make_place_serializer(),
        datas,
        instance,
        partial=partial,
        oracle=PlaceSerializer(),
    )

    assert wrong == []
    assert {"width": 3, "depth": 2, "position": 1} in accepted
    assert TAKEN not in accepted
    assert TAKEN_NULL not in accepted
    assert ({"position": 7} in accepted) == is_update


@pytest.mark.django_db
def test_unique_together_sees_defaults() -> None:
    Place.objects.create(width=2, depth=1)
    serializer, oracle = make_place_serializer(), PlaceSerializer()
    for each in (serializer, oracle):
        each.fields["depth"] = fields.IntegerField(read_only=True, default=1)
    datas = [{"width": 2, "position": 1}, {"width": 3, "position": 1}]

    wrong, accepted = find_differences(serializer, datas, oracle=oracle)

    assert (wrong, accepted) == ([], [datas[1]])


@pytest.mark.django_db
def test_unique_together_requires_what_a_condition_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serializer, oracle = make_place_serializer(), PlaceSerializer()
    monkeypatch.setattr(oracle.validators[0], "condition_fields", ["shelf"])
    assert serializer.validators[0].validator is oracle.validators[0]
    data = {"width": 3, "depth": 2, "position": 1}
    datas = [data, data | {"shelf": None}]

    wrong, accepted = find_differences(serializer, datas, oracle=oracle)

    assert (wrong, accepted) == ([], [datas[1]])


@pytest.mark.django_db
def test_fail_other_validators() -> None:
    assert compose(PlaceSerializer(), partial=False) is None
    serializer = make_place_serializer()
    del serializer.fields["depth"]

    assert compose(serializer, partial=False) is None


@pytest.mark.django_db
def test_doubts_a_unique_validator() -> None:
    serializer = make_serializer(
        fields.CharField(validators=[UniqueValidator(Category.objects.all())])
    )
    accept = compose(serializer, partial=True)

    assert accept({"thing": "a"}, None) is DOUBT
    assert accept({}, None) == {}
