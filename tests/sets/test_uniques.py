"""What is known of unique values: free, taken by another row, or in doubt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from rest_framework.exceptions import ValidationError
from rest_framework.validators import UniqueTogetherValidator

from multistatus_app.databases.statements import SetWrite, StatementLog, Write
from multistatus_app.sets.uniques import KnownUniqueTogetherValidator, UniqueValues
from tests.factories import CategoryFactory, ProductFactory
from tests.parity.models import Place, Shelf
from tests.shop.models import Category, Product

pytestmark = pytest.mark.django_db

EXACT = connection.vendor in ("postgresql", "sqlite")
needs_exact = pytest.mark.skipif(not EXACT, reason="Text is compared inexactly.")


@pytest.fixture
def statement_log() -> Any:
    """Return a log that is kept."""
    statement_log = StatementLog(["default"])
    with statement_log.recording():
        yield statement_log


@pytest.fixture
def skus(statement_log: StatementLog) -> Callable[..., UniqueValues]:
    """Return a function that makes what is known of SKUs that clients sent."""

    def make(*values: Any, queryset: Any = None) -> UniqueValues:
        statement_log.writes.clear()
        column = Product._meta.get_field("sku")
        queryset = Product.objects.all() if queryset is None else queryset
        return UniqueValues(queryset, [column], [values], statement_log)

    return make


def judge(known: UniqueValues, value: Any, instance: Any = None) -> str:
    """Return what is known of a value."""
    free, taken = known.is_free(value, instance), known.is_taken(value, instance)
    assert not (free and taken)
    return "free" if free else "taken" if taken else "doubt"


@needs_exact
class TestUniqueValues:
    """Of one column."""

    def test_what_is_fetched_is_known(
        self, skus: Any, statement_log: StatementLog, django_assert_num_queries: Any
    ) -> None:
        own, other = ProductFactory(sku="own"), ProductFactory(sku="other")
        known = skus("own", "other", "new", " trimmed ", True, None, ["list"])

        known.fetch()
        with django_assert_num_queries(0):
            assert judge(known, "own") == "taken"
            assert judge(known, "own", own) == "free"
            assert judge(known, "own", other) == "taken"
            assert judge(known, "new") == "free"
            assert judge(known, "new", own) == "free"
            assert judge(known, "trimmed") == "free"

    def test_what_nobody_sent_is_in_doubt(self, skus: Any) -> None:
        known = skus("a", 1)

        assert judge(known, "b") == "doubt"
        assert judge(known, 1) == "doubt"  # "1" was asked for
        assert judge(known, "1") == "free"
        assert judge(known, None) == "doubt"

    def test_claim_and_release(self, skus: Any) -> None:
        own = ProductFactory(sku="own")
        known = skus("a", "b", "own")

        known.claim("a")
        known.release("own")

        assert judge(known, "a") == "doubt"
        assert judge(known, "b") == "free"
        assert judge(known, "own") == "doubt"
        assert judge(known, "own", own) == "free"

        known.settle()

        assert judge(known, "a") == "free"
        assert judge(known, "own") == "taken"

    def test_nothing_is_known_while_an_operation_has_written(
        self, skus: Any, statement_log: StatementLog
    ) -> None:
        known = skus("a")
        statement_log.writes.append(Write("UPDATE x SET y = 1"))

        assert judge(known, "a") == "doubt"

    def test_note(self, skus: Any) -> None:
        first = ProductFactory(sku="first")
        known = skus("a", "b", "first")
        known.fetch()
        made = Product(pk=77, sku="a")
        fields = Product._meta.concrete_fields

        known.note([SetWrite(Product, [made], fields, "INSERT", "default")])

        assert judge(known, "a") == "taken"
        assert judge(known, "a", made) == "doubt"  # it was not fetched as its own
        assert judge(known, "b") == "free"
        assert judge(known, "first") == "taken"

        first.sku = "b"
        known.note([SetWrite(Product, [first], fields, "UPDATE", "default")])

        assert judge(known, "b") == "doubt"
        assert judge(known, "first") == "doubt"

    def test_note_of_what_has_nothing_to_do_with_it(self, skus: Any) -> None:
        own = ProductFactory(sku="own")
        known = skus("a", "own")
        known.fetch()
        name = [Product._meta.get_field("name")]

        known.note([SetWrite(Product, [own], name, "UPDATE", "default")])
        known.note([SetWrite(Category, [], (), "DELETE", "default")])

        assert judge(known, "a") == "free"
        assert judge(known, "own", own) == "free"

    def test_note_of_what_cannot_be_read(self, skus: Any) -> None:
        known = skus("a")
        known.fetch()

        known.note([Write("TRUNCATE things")])

        assert judge(known, "a") == "doubt"

    def test_note_of_a_delete(self, skus: Any) -> None:
        own = ProductFactory(sku="own")
        known = skus("a", "own")
        known.fetch()

        known.note([SetWrite(Product, [own], (), "DELETE", "default")])

        assert judge(known, "a") == "free"
        assert judge(known, "own") == "doubt"

    def test_a_value_that_two_rows_have_is_nobodys_own(
        self, statement_log: StatementLog
    ) -> None:
        """Where the column is unique among the rows of a queryset only."""
        one, _ = ProductFactory.create_batch(2, name="same")
        statement_log.writes.clear()
        column = Product._meta.get_field("name")
        known = UniqueValues(Product.objects.all(), [column], [["same"]], statement_log)

        assert judge(known, "same") == "taken"
        assert judge(known, "same", one) == "doubt"

    def test_the_value_of_a_foreign_key_is_its_key(
        self, statement_log: StatementLog
    ) -> None:
        used, free = CategoryFactory(), CategoryFactory()
        ProductFactory(category=used)
        statement_log.writes.clear()
        column = Product._meta.get_field("category")
        known = UniqueValues(
            Product.objects.all(), [column], [[used.pk, free.pk]], statement_log
        )

        assert judge(known, used) == "taken"
        assert judge(known, free) == "free"
        assert known.get_value(Product(category=used)) == used.pk


@pytest.fixture
def shelf() -> Shelf:
    """Return a shelf whose first place is taken."""
    shelf = Shelf.objects.create(name="s")
    Place.objects.create(shelf=shelf, position=1)
    return shelf


def get_places(
    statement_log: StatementLog, shelf: Shelf, *positions: Any
) -> UniqueValues:
    """Return what is known of places on a shelf."""
    statement_log.writes.clear()
    columns = [Place._meta.get_field(name) for name in ("shelf", "position")]
    return UniqueValues(
        Place.objects.all(), columns, [[shelf.pk], positions], statement_log
    )  # fmt: skip


class TestSeveralColumns:
    """Together, whatever each is alone."""

    def test_judge(self, statement_log: StatementLog, shelf: Shelf) -> None:
        place = Place.objects.get()
        known = get_places(statement_log, shelf, 1, 2, "3")

        assert judge(known, (shelf.pk, 1)) == "taken"
        assert judge(known, (shelf.pk, 1), place) == "free"
        assert judge(known, (shelf.pk, 2)) == "free"
        assert judge(known, (shelf.pk, 3)) == "free"
        assert judge(known, (shelf.pk, 4)) == "doubt"
        assert judge(known, (shelf.pk + 1, 2)) == "doubt"
        assert judge(known, (shelf.pk, None)) == "doubt"
        assert known.get_value(place) == (shelf.pk, 1)

    def test_note(self, statement_log: StatementLog, shelf: Shelf) -> None:
        known = get_places(statement_log, shelf, 1, 2)
        known.fetch()
        place = Place(pk=9, shelf=shelf, position=2)
        fields = Place._meta.concrete_fields

        known.note([SetWrite(Place, [place], fields, "INSERT", "default")])

        assert judge(known, (shelf.pk, 2)) == "taken"

    def test_claim(self, statement_log: StatementLog, shelf: Shelf) -> None:
        known = get_places(statement_log, shelf, 1, 2)

        known.claim((shelf.pk, 2))

        assert judge(known, (shelf.pk, 2)) == "doubt"


class Context:
    """What a validator looks at of a serializer."""

    def __init__(self, instance: Any = None) -> None:
        """Have fields named after their sources."""
        from tests.strategies.sending import PlaceSerializer

        self.instance = instance
        self.fields = PlaceSerializer().fields


class TestKnownUniqueTogetherValidator:
    """In the place of DRF's."""

    def make(
        self, statement_log: StatementLog, shelf: Shelf, *positions: Any, **more: Any
    ) -> KnownUniqueTogetherValidator:
        stock = UniqueTogetherValidator(
            queryset=Place.objects.all(), fields=("shelf", "position"), **more
        )
        known = get_places(statement_log, shelf, *positions)
        return KnownUniqueTogetherValidator(stock, known, ("shelf", "position"))

    def test_free_costs_no_query(
        self, statement_log: StatementLog, shelf: Shelf, django_assert_num_queries: Any
    ) -> None:
        validator = self.make(statement_log, shelf, 1, 2)
        validator.known.fetch()

        with django_assert_num_queries(0):
            validator({"shelf": shelf, "position": 2}, Context())

    def test_taken_is_asked(
        self, statement_log: StatementLog, shelf: Shelf, django_assert_num_queries: Any
    ) -> None:
        validator = self.make(statement_log, shelf, 1, 2)
        validator.known.fetch()

        with (
            django_assert_num_queries(1),
            pytest.raises(ValidationError, match="must make a unique set"),
        ):
            validator({"shelf": shelf, "position": 1}, Context())

    def test_free(self, statement_log: StatementLog, shelf: Shelf) -> None:
        place = Place.objects.get()
        validator = self.make(statement_log, shelf, 1, 2)

        assert validator.is_free({"shelf": shelf, "position": 1}, place)
        assert validator.is_free({"position": 2}, place)
        assert validator.is_free({"shelf": shelf}, place)
        assert validator.is_free({}, place)
        assert not validator.is_free({"position": 2}, None)
        assert not validator.is_free({"shelf": shelf, "position": 1}, None)

    def test_null(self, statement_log: StatementLog, shelf: Shelf) -> None:
        attrs = {"shelf": shelf, "position": None}
        distinct = self.make(statement_log, shelf, None)
        conditional = self.make(
            statement_log, shelf, None, condition=Q(width=1), condition_fields=["width"]
        )

        assert distinct.is_free(attrs, None)
        assert not distinct.is_free(attrs, Place.objects.get())
        assert not conditional.is_free(attrs, None)

    def test_null_that_is_like_any_other(
        self, statement_log: StatementLog, shelf: Shelf
    ) -> None:
        validator = self.make(statement_log, shelf, None)
        validator.validator.nulls_distinct = False  # DRF 3.17 knows it

        assert not validator.is_free({"shelf": shelf, "position": None}, None)
