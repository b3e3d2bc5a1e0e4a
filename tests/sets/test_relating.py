"""Relations: accepted where DRF would find the same row."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import fields, relations
from rest_framework.validators import UniqueValidator

from multistatus_app.sets.accepting import DOUBT, compose
from multistatus_app.sets.uniques import KnownUniqueValidator
from tests.factories import CategoryFactory, ProductFactory, TagFactory
from tests.sets.comparing import (
    Make,
    Refusing,
    find_differences,
    get_datas,
    make_serializer,
    refuse_odd,
)
from tests.sets.serializers import (
    FewRows,
    ProductSerializer,
    get_products,
    make_product_serializer,
)
from tests.shop.models import Category, Tag


@pytest.mark.django_db
@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("is_update", [False, True])
def test_products(partial: bool, is_update: bool) -> None:
    ProductFactory(sku="taken")
    instance = ProductFactory(sku="own") if is_update else None
    category, tag = CategoryFactory(), TagFactory()
    serializer = make_product_serializer()
    datas = list(get_products(category, tag))

    wrong, accepted = find_differences(
        serializer, datas, instance, partial=partial, oracle=ProductSerializer()
    )

    assert wrong == []
    assert datas[1] in accepted
    assert datas[2] in accepted
    assert (datas[0] in accepted) == partial
    assert any(each.get("sku") == " new" for each in accepted)
    assert any(each.get("sku") == "own" for each in accepted)
    assert any(each.get("tags") == [tag.pk] * 2 for each in accepted)
    assert any(each.get("tags") == [] for each in accepted)
    assert not any(each.get("sku") == "taken" for each in accepted)


@pytest.mark.django_db
def test_slugs() -> None:
    CategoryFactory(name="red")
    field = relations.SlugRelatedField(
        slug_field="name", queryset=Category.objects.all(), allow_null=True
    )
    serializer = make_serializer(field)
    rows = FewRows(Category, "name")
    serializer.fields["thing"].queryset = rows

    wrong, accepted = find_differences(serializer, get_datas())

    assert wrong == []
    assert sorted(map(str, accepted)) == [
        "{'thing': ''}",
        "{'thing': 'red'}",
        "{'thing': None}",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "make",
    [
        lambda: relations.PrimaryKeyRelatedField(queryset=Category.objects.all()),
        lambda: relations.PrimaryKeyRelatedField(
            queryset=FewRows(Category, "pk"), pk_field=fields.IntegerField()
        ),
        lambda: relations.PrimaryKeyRelatedField(
            queryset=FewRows(Category, "pk"), validators=[refuse_odd]
        ),
        lambda: relations.PrimaryKeyRelatedField(
            queryset=Category.objects.all(), many=True
        ),
        lambda: relations.HyperlinkedRelatedField(
            view_name="category-detail", queryset=Category.objects.all()
        ),
    ],
)
def test_doubts_other_relations(make: Make) -> None:
    category = CategoryFactory()
    accept = compose(make_serializer(make()), partial=True)

    assert accept({}, None) == {}
    for value in (category.pk, str(category.pk), [category.pk], []):
        assert accept({"thing": value}, None) is DOUBT


@pytest.mark.django_db
@pytest.mark.parametrize("many", [False, True])
def test_unique_relations(many: bool) -> None:
    category = CategoryFactory()
    value = [category.pk] if many else category.pk
    field = relations.PrimaryKeyRelatedField(queryset=Category.objects.all(), many=many)
    serializer = make_serializer(field)
    field = serializer.fields["thing"]
    getattr(field, "child_relation", field).queryset = FewRows(Category, "pk")
    assert compose(serializer, partial=False)({"thing": value}, None) is not DOUBT
    known: Any = Refusing()
    stock = UniqueValidator(Category.objects.all())
    field.validators.append(KnownUniqueValidator(stock, known))

    assert compose(serializer, partial=False)({"thing": value}, None) is DOUBT
    assert known.asked == [[category] if many else category]


@pytest.mark.django_db
def test_empty_lists_of_relations() -> None:
    field = relations.PrimaryKeyRelatedField(
        queryset=Tag.objects.all(), many=True, allow_empty=False
    )
    serializer = make_serializer(field)
    serializer.fields["thing"].child_relation.queryset = FewRows(Tag, "pk")
    tag = TagFactory()
    serializer.fields["thing"].child_relation.queryset = FewRows(Tag, "pk")
    datas = [*get_datas(), {"thing": [tag.pk]}]

    wrong, accepted = find_differences(serializer, datas)

    assert wrong == []
    assert {"thing": [tag.pk]} in accepted
    assert {"thing": []} not in accepted
