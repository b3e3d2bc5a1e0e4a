"""What preparing leans on: nothing is asked, and what is known stays true."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from multistatus_app.databases.statements import (
    SetWrite,
    StatementLog,
    StatementRefused,
    Write,
)
from multistatus_app.sets.lookups import RelatedRows
from multistatus_app.sets.rows import Rows
from tests.factories import CategoryFactory, ProductFactory
from tests.shop.models import Category, Parcel, Product, Tag

pytestmark = pytest.mark.django_db

EXACT = connection.vendor in ("postgresql", "sqlite")
needs_exact = pytest.mark.skipif(not EXACT, reason="Text is compared inexactly.")


@pytest.fixture
def statement_log() -> Any:
    """Return a log that is kept."""
    statement_log = StatementLog(["default"])
    with statement_log.recording():
        yield statement_log
        statement_log.writes.clear()


class TestForbidding:
    """No statement is run, and who swallows that is found out."""

    def test_nothing_is_asked(self, statement_log: StatementLog) -> None:
        with statement_log.forbidding():
            pass

        assert not statement_log.refused
        assert Category.objects.count() == 0

    def test_refused(self, statement_log: StatementLog) -> None:
        with (
            pytest.raises(StatementRefused, match="SELECT COUNT"),
            statement_log.forbidding(),
        ):
            Category.objects.count()

        assert statement_log.refused
        assert statement_log.statements == 0
        assert Category.objects.count() == 0  # the connection is as it was

    def test_swallowed(self, statement_log: StatementLog) -> None:
        with statement_log.forbidding():
            try:
                Category.objects.update(name="a")
            except Exception:
                CategoryFactory.build()

        assert statement_log.refused
        assert statement_log.writes == []

    def test_forgotten_the_next_time(self, statement_log: StatementLog) -> None:
        with pytest.raises(StatementRefused), statement_log.forbidding():
            Category.objects.count()
        with statement_log.forbidding():
            assert not statement_log.refused

    def test_allowing(self, statement_log: StatementLog) -> None:
        with statement_log.forbidding():
            with statement_log.allowing():
                assert Category.objects.count() == 0
            with pytest.raises(StatementRefused):
                Category.objects.count()

        assert Category.objects.count() == 0

    def test_muted(self, statement_log: StatementLog) -> None:
        with statement_log.muted():
            CategoryFactory()
        assert statement_log.writes == []
        assert statement_log.statements == 1

        CategoryFactory()
        assert [each.table for each in statement_log.writes] == ["shop_category"]


class TestSetWrite:
    """Read as a statement is."""

    def test_insert(self) -> None:
        product = Product(pk=3, sku="a", category_id="7")  # as a client sends it
        write = SetWrite(
            Product, [product], Product._meta.concrete_fields, "INSERT", "default"
        )

        assert write.table == "shop_product"
        assert (write.is_insert, write.is_delete) == (True, False)
        assert write.writes("sku")
        assert write.get_values("sku") == {"a"}
        assert write.get_values("category_id") == {7}
        assert write.get_keys() == ("id", (3,))

    def test_update(self) -> None:
        products = [Product(pk=pk, name="n", sku=f"s{pk}") for pk in (1, 2)]
        name = [Product._meta.get_field("name")]
        write = SetWrite(Product, products, name, "UPDATE", "default")

        assert (write.is_insert, write.is_delete) == (False, False)
        assert write.writes("name")
        assert not write.writes("sku")
        assert write.get_values("name") == {"n"}
        assert write.get_values("sku") == set()
        assert write.get_keys() == ("id", (1, 2))

    def test_delete(self) -> None:
        parcels = [Parcel(pk=UUID(int=pk)) for pk in (1, 2)]
        write = SetWrite(Parcel, parcels, (), "DELETE", "default")

        assert (write.is_insert, write.is_delete) == (False, True)
        assert write.get_values("label") == set()
        stored = [
            Parcel._meta.pk.get_db_prep_save(each.pk, connection) for each in parcels
        ]
        assert write.get_keys() == ("id", tuple(stored))


def relate(statement_log: StatementLog, name: str, *values: Any) -> Any:
    """Return the related rows of what clients sent."""
    queryset = Category.objects.all()
    column = Category._meta.get_field("id" if name == "pk" else name)
    statement_log.writes.clear()
    return RelatedRows(queryset, queryset, name, column, values, statement_log)


class TestRelatedRows:
    """Found only where Python's equality is the database's."""

    def test_find_by_key(self, statement_log: StatementLog) -> None:
        row = CategoryFactory()
        known = relate(
            statement_log, "pk", row.pk, str(row.pk), True, 0, None, [row.pk]
        )

        assert known.find(row.pk) == row
        assert known.find(row.pk) is known.find(row.pk)
        for other in (str(row.pk), True, float(row.pk), 0, -1, None):
            assert known.find(other) is None

    def test_true_is_not_one(self, statement_log: StatementLog) -> None:
        if not Category.objects.filter(pk=1).exists():
            CategoryFactory(pk=1)
        known = relate(statement_log, "pk", 1, True)

        assert known.find(1) is not None
        assert known.find(True) is None

    @needs_exact
    def test_find_by_text(self, statement_log: StatementLog) -> None:
        row = CategoryFactory(name="1")
        known = relate(statement_log, "name", "1", 1, "2")

        assert known.find("1") == row
        assert known.find(1) is None
        assert known.find("2") is None

    @pytest.mark.parametrize(
        ("name", "table", "new", "found"),
        [
            ("pk", "shop_category", True, True),
            ("pk", "shop_category", False, True),
            ("pk", "shop_product", False, True),
            ("name", "shop_category", True, True),
            ("name", "shop_category", False, False),
        ],
    )
    @needs_exact
    def test_expect(
        self, statement_log: StatementLog, name: str, table: str, new: bool, found: bool
    ) -> None:
        row = CategoryFactory(name="a")
        value = row.pk if name == "pk" else "a"
        known = relate(statement_log, name, value, 0 if name == "pk" else "b")

        known.expect(table, new=new, by_key=True)

        assert (known.find(value) == row) is found
        known.settle()
        assert known.find(value) == row

    def test_more_than_the_key_is_seen(self, statement_log: StatementLog) -> None:
        row = CategoryFactory()
        known = relate(statement_log, "pk", row.pk, 0)

        known.expect("shop_category", new=True, by_key=False)
        assert known.find(row.pk) == row
        known.expect("shop_category", new=False, by_key=False)
        assert known.find(row.pk) is None

    def test_missing_until_a_row_may_come(
        self, statement_log: StatementLog, django_assert_num_queries: Any
    ) -> None:
        known = relate(statement_log, "pk", 0, 1)
        known.fetch()

        with django_assert_num_queries(0), pytest.raises(Category.DoesNotExist):
            known.get(pk=0)
        known.expect("shop_category", new=True, by_key=True)
        with django_assert_num_queries(1), pytest.raises(Category.DoesNotExist):
            known.get(pk=0)
        known.settle()
        with django_assert_num_queries(0), pytest.raises(Category.DoesNotExist):
            known.get(pk=0)


class TestMissing:
    """What no row has, until somebody may have written it."""

    def make(self, statement_log: StatementLog, name: str = "id") -> Rows:
        statement_log.writes.clear()
        values = ["there", "new"] if name == "sku" else [10**6]
        field = Product._meta.get_field(name)
        return Rows(Product.objects.all(), field, values, statement_log)

    def test_missing(self, statement_log: StatementLog) -> None:
        rows = self.make(statement_log)

        assert rows.is_missing(10**6)
        assert rows.is_missing(str(10**6))
        assert not rows.is_missing(7)  # not asked for
        assert not rows.is_missing("x")
        assert not rows.is_missing(None)

    @needs_exact
    def test_missing_text(self, statement_log: StatementLog) -> None:
        ProductFactory(sku="there")
        rows = self.make(statement_log, "sku")

        assert rows.is_missing("new")
        assert not rows.is_missing("there")

    def test_while_an_operation_has_written(self, statement_log: StatementLog) -> None:
        rows = self.make(statement_log)
        statement_log.writes.append(Write("SELECT 1"))

        assert not rows.is_missing(10**6)

    @pytest.mark.parametrize("verb", ["INSERT", "UPDATE", "DELETE"])
    @pytest.mark.parametrize("model", [Product, Tag])
    def test_after_any_write(
        self, statement_log: StatementLog, verb: str, model: Any
    ) -> None:
        """A filter may let more rows pass now, or a view has them."""
        rows = self.make(statement_log)

        rows.note([SetWrite(model, [], (), verb, "default")])

        assert not rows.is_missing(10**6)
