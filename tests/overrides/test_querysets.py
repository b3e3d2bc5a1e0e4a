"""Which querysets are known, by their classes and their queries."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from django.db import models
from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler, SQLInsertCompiler
from django.test.utils import isolate_apps

from multistatus_app.overrides.querysets import explain_replaced, get_known, get_whole
from tests.parity.models import Paperback
from tests.shop.models import Category, Product, Tag

pytestmark = pytest.mark.once

TAGS = Tag.objects.filter(pk=OuterRef("pk"))


class Rewriting(QuerySet[Any]):
    """Finds other rows than it is asked for."""

    def _filter_or_exclude(self, *args: Any) -> Any:
        return super()._filter_or_exclude(*args)  # type: ignore[misc]  # not in stubs


class Caching(QuerySet[Any]):
    """Answers without the database."""

    def _fetch_all(self) -> None:
        super()._fetch_all()  # type: ignore[misc]  # not in stubs


class Deleting(QuerySet[Any]):
    """Does something of its own that is no reading."""

    def delete(self) -> Any:
        return super().delete()

    def cheap(self) -> Any:
        return self.filter(price__lt=1)


class Tenants(models.Manager[Any]):
    """Has some rows, at times."""

    def get_queryset(self) -> Any:
        return super().get_queryset()


def make(manager: Any) -> Any:
    """Return a manager, or a queryset, of products."""
    manager.model = Product
    return manager


@pytest.mark.parametrize(
    "queryset",
    [
        Product.objects,
        Product.objects.all(),
        Product.objects.order_by("category__name"),
        Product.objects.select_related("category", "category__parent"),
        Product.objects.prefetch_related("tags", "category"),
        Deleting(Product),
        make(Deleting.as_manager()),
    ],
    ids=lambda each: type(each).__name__,
)
def test_all_rows_of_a_table(queryset: Any) -> None:
    known: Any = get_known(queryset)

    assert known is not None
    assert str(known.query).count("JOIN") == 0
    assert " ORDER BY " not in str(known.query)
    assert known._prefetch_related_lookups == ()
    assert (get_whole(queryset) is None) is bool(known.query.where)


@pytest.mark.parametrize(
    "queryset",
    [
        Product.objects.filter(stock=0),
        Product.objects.filter(Q(stock__gte=0, name__in=["a", "b"]) | ~Q(price=1)),
        Product.objects.exclude(category=1),
        Product.objects.filter(category__isnull=False),
        Product.objects.filter(category_id__in=[1, 2]).using("other"),
    ],
)
def test_some_rows_of_a_table(queryset: Any) -> None:
    assert str(get_known(queryset).query) == str(queryset.query)  # type: ignore[union-attr]
    assert get_whole(queryset) is None


@pytest.mark.parametrize(
    "queryset",
    [
        None,
        [],
        Product.objects.none(),
        Product.objects.all()[:3],
        Product.objects.distinct(),
        Product.objects.filter(category__name="a"),
        Product.objects.filter(tags=1),
        Product.objects.filter(stock=F("id")),
        Product.objects.filter(name=Value("a")),
        Product.objects.filter(name__in=[F("sku")]),
        Product.objects.filter(pk__in=Tag.objects.all()),
        Product.objects.filter(models.Exists(TAGS)),
        Product.objects.filter(attributes={"a": 1}),
        Product.objects.filter(attributes__a=1),
        Product.objects.annotate(count=Count("tags")),
        Product.objects.annotate(lower=Lower("name")),
        Product.objects.annotate(lower=Lower("name")).values("lower"),
        Product.objects.values("pk"),
        Product.objects.values_list("pk"),
        Product.objects.only("name"),
        Product.objects.defer("name"),
        Product.objects.union(Product.objects.all()),
        Product.objects.select_for_update(),
        Product.objects.extra(where=["1 = 1"]),
        Product.objects.select_related(),
        Category.objects.select_related("products"),
        Product.objects.prefetch_related(Prefetch("tags", to_attr="all_tags")),
        Product.objects.raw("SELECT * FROM shop_product"),
        Paperback.objects.all(),
        Rewriting(Product),
        Caching(Product),
        make(Rewriting.as_manager()),
        make(Tenants()),
    ],
)
def test_fail_more_than_rows_of_a_table(queryset: Any) -> None:
    assert get_known(queryset) is None
    assert get_whole(queryset) is None


def test_fail_a_method_of_one_queryset() -> None:
    queryset: Any = Product.objects.all()
    queryset.filter = queryset.filter

    assert get_known(queryset) is None


def test_fail_another_kind_of_query() -> None:
    mine = type("Mine", (Query,), {})

    assert get_known(QuerySet(Product, query=Query(Product))) is not None
    assert get_known(QuerySet(Product, query=mine(Product))) is None


@isolate_apps("tests.shop")
@pytest.mark.parametrize(
    ("meta", "field"),
    [
        ({"managed": False}, models.ForeignKey(Category, models.CASCADE)),
        ({"db_table": 'public"."thing'}, models.ForeignKey(Category, models.CASCADE)),
        ({"db_table": "public.thing"}, models.ForeignKey(Category, models.CASCADE)),
        ({}, models.ForeignKey(Category, models.CASCADE, db_constraint=False)),
    ],
)
def test_fail_tables(meta: dict[str, Any], field: Any) -> None:
    """A key without a constraint may lead to no row, and a join loses it then."""
    members = {
        "__module__": __name__,
        "category": field,
        "Meta": type("Meta", (), {"app_label": "shop"} | meta),
    }
    model: Any = type("Thing", (models.Model,), members)

    assert (get_known(model.objects.all()) is None) is bool(meta)
    assert get_known(model.objects.select_related("category")) is None


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (QuerySet, "_fetch_all"),
        (QuerySet, "create"),
        (QuerySet, "_update"),
        (Query, "get_compiler"),
        (SQLCompiler, "execute_sql"),
        (SQLInsertCompiler, "execute_sql"),
        (models.Model, "save"),
    ],
)
def test_fail_replaced(owner: Any, name: str) -> None:
    """Whatever it says of itself."""
    stock = getattr(owner, name)

    def replacement(*args: Any, **kwargs: Any) -> Any:
        return stock(*args, **kwargs)

    replacement.__module__ = stock.__module__
    assert list(explain_replaced()) == []
    with mock.patch.object(owner, name, replacement):
        assert f"{owner.__name__}.{name}() is replaced by {__name__}" in set(
            explain_replaced()
        )
        assert get_known(Product.objects.all()) is None
    with mock.patch.object(owner, name):
        assert f"{owner.__name__}.{name}() is replaced by somebody" in set(
            explain_replaced()
        )
    assert list(explain_replaced()) == []
