"""What preparing leans on: nothing is asked, and what is known stays true."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from multistatus_app.journals import Journal, SetWrite, StatementRefused, Write
from multistatus_app.lookups import RelatedRows
from multistatus_app.rows import Rows
from tests.factories import CategoryFactory, ProductFactory
from tests.shop.models import Category, Parcel, Product, Tag

pytestmark = pytest.mark.django_db

EXACT = connection.vendor in ("postgresql", "sqlite")
needs_exact = pytest.mark.skipif(not EXACT, reason="Text is compared inexactly.")


@pytest.fixture
def journal() -> Any:
    """Return a journal that is kept."""
    journal = Journal(["default"])
    with journal.recording():
        yield journal
        journal.writes.clear()


class TestForbidding:
    """No statement is run, and who swallows that is found out."""

    def test_nothing_is_asked(self, journal: Journal) -> None:
        with journal.forbidding():
            pass

        assert not journal.refused
        assert Category.objects.count() == 0

    def test_refused(self, journal: Journal) -> None:
        with (
            pytest.raises(StatementRefused, match="SELECT COUNT"),
            journal.forbidding(),
        ):
            Category.objects.count()

        assert journal.refused
        assert journal.statements == 0
        assert Category.objects.count() == 0  # the connection is as it was

    def test_swallowed(self, journal: Journal) -> None:
        with journal.forbidding():
            try:
                Category.objects.update(name="a")
            except Exception:
                CategoryFactory.build()

        assert journal.refused
        assert journal.writes == []

    def test_forgotten_the_next_time(self, journal: Journal) -> None:
        with pytest.raises(StatementRefused), journal.forbidding():
            Category.objects.count()
        with journal.forbidding():
            assert not journal.refused

    def test_allowing(self, journal: Journal) -> None:
        with journal.forbidding():
            with journal.allowing():
                assert Category.objects.count() == 0
            with pytest.raises(StatementRefused):
                Category.objects.count()

        assert Category.objects.count() == 0

    def test_muted(self, journal: Journal) -> None:
        with journal.muted():
            CategoryFactory()
        assert journal.writes == []
        assert journal.statements == 1

        CategoryFactory()
        assert [each.table for each in journal.writes] == ["shop_category"]


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


def relate(journal: Journal, name: str, *values: Any) -> Any:
    """Return the related rows of what clients sent."""
    queryset = Category.objects.all()
    column = Category._meta.get_field("id" if name == "pk" else name)
    journal.writes.clear()
    return RelatedRows(queryset, name, column, values, journal)


class TestRelatedRows:
    """Found only where Python's equality is the database's."""

    def test_find_by_key(self, journal: Journal) -> None:
        row = CategoryFactory()
        known = relate(journal, "pk", row.pk, str(row.pk), True, 0, None, [row.pk])

        assert known.find(row.pk) == row
        assert known.find(row.pk) is known.find(row.pk)
        for other in (str(row.pk), True, float(row.pk), 0, -1, None):
            assert known.find(other) is None

    def test_true_is_not_one(self, journal: Journal) -> None:
        if not Category.objects.filter(pk=1).exists():
            CategoryFactory(pk=1)
        known = relate(journal, "pk", 1, True)

        assert known.find(1) is not None
        assert known.find(True) is None

    @needs_exact
    def test_find_by_text(self, journal: Journal) -> None:
        row = CategoryFactory(name="1")
        known = relate(journal, "name", "1", 1, "2")

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
        self, journal: Journal, name: str, table: str, new: bool, found: bool
    ) -> None:
        row = CategoryFactory(name="a")
        value = row.pk if name == "pk" else "a"
        known = relate(journal, name, value, 0 if name == "pk" else "b")

        known.expect(table, new=new, by_key=True)

        assert (known.find(value) == row) is found
        known.settle()
        assert known.find(value) == row

    def test_more_than_the_key_is_seen(self, journal: Journal) -> None:
        row = CategoryFactory()
        known = relate(journal, "pk", row.pk, 0)

        known.expect("shop_category", new=True, by_key=False)
        assert known.find(row.pk) == row
        known.expect("shop_category", new=False, by_key=False)
        assert known.find(row.pk) is None

    def test_missing_until_a_row_may_come(
        self, journal: Journal, django_assert_num_queries: Any
    ) -> None:
        known = relate(journal, "pk", 0, 1)
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

    def make(self, journal: Journal, name: str = "id") -> Rows:
        journal.writes.clear()
        values = ["there", "new"] if name == "sku" else [10**6]
        field = Product._meta.get_field(name)
        return Rows(Product.objects.all(), field, values, journal)

    def test_missing(self, journal: Journal) -> None:
        rows = self.make(journal)

        assert rows.is_missing(10**6)
        assert rows.is_missing(str(10**6))
        assert not rows.is_missing(7)  # not asked for
        assert not rows.is_missing("x")
        assert not rows.is_missing(None)

    @needs_exact
    def test_missing_text(self, journal: Journal) -> None:
        ProductFactory(sku="there")
        rows = self.make(journal, "sku")

        assert rows.is_missing("new")
        assert not rows.is_missing("there")

    def test_while_an_operation_has_written(self, journal: Journal) -> None:
        rows = self.make(journal)
        journal.writes.append(Write("SELECT 1"))

        assert not rows.is_missing(10**6)

    @pytest.mark.parametrize("verb", ["INSERT", "UPDATE", "DELETE"])
    @pytest.mark.parametrize("model", [Product, Tag])
    def test_after_any_write(self, journal: Journal, verb: str, model: Any) -> None:
        """A filter may let more rows pass now, or a view has them."""
        rows = self.make(journal)

        rows.note([SetWrite(model, [], (), verb, "default")])

        assert not rows.is_missing(10**6)
