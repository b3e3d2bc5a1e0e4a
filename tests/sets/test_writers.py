"""Every writer against one `save()` after the other, each in a savepoint."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import F, Model, Value
from django.db.models.functions import Lower
from django.test.utils import CaptureQueriesContext

from multistatus_app.sets.writers import RowsAreGone, get_writer
from multistatus_app.sets.writers.orm import OrmWriter
from tests.parity.models import Book, Genre, Label, Place, Shelf
from tests.shop.models import Category, Parcel, Product, Tag

pytestmark = pytest.mark.django_db

GetWriter = Callable[[type[Model]], Any]

ONLY_POSTGRESQL = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="of PostgreSQL"
)

UNIQUE_VIOLATION = "23505"

FAR = 10**9
"""Where no sequence of a test comes."""

LONG = "x" * 81
"""Longer than a product's name may be; SQLite takes it."""


def get_own(model: type[Model]) -> Any:
    """Return the writer of this database."""
    return get_writer(model, "default")


def get_portable(model: type[Model]) -> Any:
    """Return the writer of all databases."""
    return OrmWriter(model, "default")


def get_portable_without_keys(model: type[Model]) -> Any:
    """Return the writer of databases that do not return the keys of many rows."""
    writer = OrmWriter(model, "default")
    writer._returns_keys = lambda: False  # type: ignore[method-assign]
    return writer


@pytest.fixture(params=[get_own, get_portable, get_portable_without_keys])
def get(request: pytest.FixtureRequest) -> GetWriter:
    """Return what makes a writer."""
    made: GetWriter = request.param
    return made


@pytest.fixture
def category() -> Category:
    return Category.objects.create(name="all")


@pytest.fixture(autouse=True)
def _in_a_savepoint() -> Iterator[None]:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # Joins go by the key then, whatever the order of what they join.
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_nestloop = off")
                cursor.execute("SET LOCAL enable_hashjoin = off")
        yield


def make_products(
    category: Category,
    count: int,
    *,
    negative: Collection[int] = (),
    long: Collection[int] = (),
    same: Collection[int] = (),
    first: int = 0,
) -> list[Product]:
    """Return products of which some are refused: of those with one SKU all but one."""
    return [
        Product(
            sku="same" if place in same else f"sku-{first + place}",
            name=LONG if place in long else f"name {place}",
            price=Decimal("-1.50") if place in negative else Decimal("2.50"),
            stock=place,
            category=category,
            attributes={"place": place},
        )
        for place in range(count)
    ]


def save_each(
    instances: list[Any], update_fields: list[str] | None = None
) -> dict[int, DatabaseError]:
    """Save one after the other; return the refused."""
    refused: dict[int, DatabaseError] = {}
    for place, instance in enumerate(instances):
        try:
            with transaction.atomic():
                if update_fields is None:
                    instance.save(force_insert=True)
                else:
                    instance.save(update_fields=update_fields)
        except (IntegrityError, DataError) as exc:
            refused[place] = exc
    return refused


def undo(function: Callable[[], Any]) -> Any:
    """Return what a function returns, and take back what it wrote."""
    with transaction.atomic():
        answer = function()
        transaction.set_rollback(True)
    return answer


def read(model: Any, *, keys: bool = False) -> list[Any]:
    """Return the rows, without the keys that the database made."""
    names = [
        field.attname
        for field in model._meta.concrete_fields
        if keys or field.name != "id"
    ]
    return sorted(model.objects.values_list(*names), key=repr)


def check_inserts(get: GetWriter, model: Any, make: Callable[[], list[Any]]) -> None:
    """Compare a writer with `save()` over the same rows."""

    # Where a sequence makes them, a refused row consumes one, and who tries again, too.
    keys = connection.vendor == "sqlite" and model is not Parcel

    def save() -> Any:
        return save_each(make()), read(model, keys=keys)

    wanted, rows = undo(save)
    instances = make()
    before = [(each.pk, each._state.db) for each in instances]
    refusals = get(model).insert(instances)

    assert refusals.keys() == wanted.keys()
    assert read(model, keys=keys) == rows
    for place, instance in enumerate(instances):
        assert instance._state.adding is (place in wanted)
        if place in wanted:
            assert (instance.pk, instance._state.db) == before[place]
        else:
            assert instance._state.db == "default"
            check_stored(instance)
    for place, error in wanted.items():
        check_error(refusals[place], error)


def check_stored(instance: Any) -> None:
    """Compare an instance with its row."""
    stored = type(instance).objects.get(pk=instance.pk)
    for field in instance._meta.concrete_fields:
        value = getattr(instance, field.attname)
        if not hasattr(value, "resolve_expression"):
            assert getattr(stored, field.attname) == value


def check_error(error: DatabaseError | None, wanted: DatabaseError) -> None:
    """Compare an error with that of `save()`, where it is told."""
    if error is None:
        return
    assert type(error) is type(wanted)
    state = getattr(wanted.__cause__, "sqlstate", None)
    assert getattr(error.__cause__, "sqlstate", None) == state
    if connection.vendor == "postgresql":
        assert str(error).partition("\n")[0] == str(wanted).partition("\n")[0]
        diag, other = error.__cause__.diag, wanted.__cause__.diag  # type: ignore[union-attr]
        assert diag.constraint_name == other.constraint_name
        assert diag.table_name == other.table_name
        if state == UNIQUE_VIOLATION:  # others show the row, and its key
            assert str(error) == str(wanted)


REFUSED = [
    pytest.param({}, id="none"),
    pytest.param({"negative": [0]}, id="first"),
    pytest.param({"negative": [70]}, id="middle"),
    pytest.param({"negative": [119]}, id="last"),
    pytest.param({"negative": [60, 61, 62]}, id="adjacent"),
    pytest.param({"negative": range(120)}, id="all"),
    pytest.param({"negative": range(0, 120, 2)}, id="half"),
    pytest.param({"same": [3, 7, 8, 110]}, id="each other"),
    pytest.param({"long": [5, 6]}, id="too long"),
    pytest.param(
        {"negative": [0, 50, 99], "same": [1, 50, 51, 101], "long": [2, 51]}, id="mixed"
    ),
]


@pytest.mark.parametrize("refused", REFUSED)
def test_insert(get: GetWriter, category: Category, refused: dict[str, Any]) -> None:
    check_inserts(get, Product, lambda: make_products(category, 120, **refused))


def test_insert_one(get: GetWriter, category: Category) -> None:
    check_inserts(get, Product, lambda: make_products(category, 1))
    check_inserts(
        get, Product, lambda: make_products(category, 1, negative=[0], first=1)
    )


def test_insert_nothing(get: GetWriter) -> None:
    assert get(Product).insert([]) == {}
    assert get(Product).update([], []) == {}


def test_insert_what_an_index_of_an_expression_refuses(get: GetWriter) -> None:
    Tag.objects.create(name="Old")

    check_inserts(
        get, Tag, lambda: [Tag(name=n) for n in ("a", "b", "A", "old", "c", "C", "B")]
    )


def test_insert_explicit_keys_among_others(get: GetWriter) -> None:
    Tag.objects.create(pk=FAR + 50, name="there")

    def make() -> list[Tag]:
        keys = [None, 100, None, 50, None, 90, 100, None]
        return [
            Tag(pk=key and FAR + key, name=f"tag {place}")
            for place, key in enumerate(keys)
        ]

    check_inserts(get, Tag, make)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_insert_keys_that_sqlite_does_not_count(category: Category) -> None:
    """Without AUTOINCREMENT it makes them in another way."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shop_tag RENAME TO counted")
        cursor.execute(
            "CREATE TABLE shop_tag (id integer PRIMARY KEY, name text UNIQUE)"
        )
    tags = [Tag(name=name) for name in "abac"]

    assert get_own(Tag).insert(tags).keys() == {2}

    assert [each.pk for each in tags] == [1, 2, None, 3]


def test_insert_a_key_that_was_just_made(get: GetWriter) -> None:
    last = Tag.objects.create(name="last").pk

    refusals = get(Tag).insert([Tag(name="a"), Tag(name="b", pk=last + 1)])

    assert refusals.keys() == {1}
    assert Tag.objects.get(pk=last + 1).name == "a"


@pytest.mark.parametrize("key", [None, "given"])
def test_insert_keys_that_python_makes(get: GetWriter, key: str | None) -> None:
    taken = Parcel.objects.create(label="taken").pk

    def make() -> list[Parcel]:
        parcels = [Parcel(label=f"label {place}") for place in range(5)]
        parcels[1].pk = parcels[3].pk = taken
        if key is None:
            parcels[0].pk = parcels[4].pk = None
            parcels[4].label = None
        return parcels

    check_inserts(get, Parcel, make)


def test_insert_keys_of_text(get: GetWriter) -> None:
    check_inserts(
        get, Genre, lambda: [Genre(code=c, text="t") for c in ("a", "b", "a", "", "c")]
    )


def test_insert_nulls(get: GetWriter) -> None:
    check_inserts(get, Place, lambda: [Place(position=p) for p in (None, 3, None)])
    check_inserts(get, Place, lambda: [Place(width=w) for w in (None, 3, -1, 0)])


def test_insert_related_that_was_saved_later(get: GetWriter) -> None:
    late = Category(name="late")
    product = make_products(late, 1)[0]
    late.save()

    assert get(Product).insert([product]) == {}

    assert Product.objects.get().category == late


def test_insert_related_that_is_not_saved(get: GetWriter) -> None:
    with pytest.raises(ValueError, match="unsaved related object 'category'"):
        get(Product).insert(make_products(Category(name="new"), 2))


def test_insert_expressions(get: GetWriter) -> None:
    def make() -> list[Tag]:
        tags = [Tag(name=f"tag {place}") for place in range(5)]
        tags[2].name = Lower(Value("HELLO"))
        tags[4].name = Lower(Value("TAG 1"))
        return tags

    check_inserts(get, Tag, make)

    assert Tag.objects.filter(name="hello").exists()


def test_insert_and_go_on(get: GetWriter, category: Category) -> None:
    """The keys that the database makes next are free."""
    get(Product).insert(make_products(category, 60, negative=[3, 59]))
    save_each(make_products(category, 2, first=100))
    get(Product).insert(make_products(category, 2, first=200))

    assert Product.objects.count() == 62


def test_insert_raises_what_is_no_refusal(get: GetWriter, category: Category) -> None:
    products = make_products(category, 3)
    products[1].stock = "many"

    with pytest.raises(ValueError, match="expected a number but got 'many'"):
        get(Product).insert(products)

    assert [each.pk for each in products] == [None, None, None]


def test_insert_raises_after_rows_were_written(
    get: GetWriter, category: Category
) -> None:
    """Whoever goes on with the instances finds them as they were."""
    products = make_products(category, 30, negative=[3])
    statements = 0

    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal statements
        statements += sql.startswith(("INSERT", "SELECT * FROM pg_temp"))
        if statements > 1:
            raise OperationalError("gone")
        return execute(sql, params, many, context)

    with (
        pytest.raises(OperationalError),
        transaction.atomic(),
        connection.execute_wrapper(fail),
    ):
        get(Product).insert(products)

    assert {each.pk for each in products} == {None}
    assert {each._state.adding for each in products} == {True}
    assert save_each(products).keys() == {3}


def check_updates(
    get: GetWriter,
    model: Any,
    names: list[str],
    change: Callable[[int, Any], Any],
    order: str = "pk",
) -> None:
    """Compare a writer with `save(update_fields)` over the rows there are."""

    def make() -> list[Any]:
        instances = list(model.objects.order_by(order))
        for place, instance in enumerate(instances):
            change(place, instance)
        return instances

    def save() -> Any:
        return save_each(make(), names), read(model, keys=True)

    wanted, rows = undo(save)
    fields = [model._meta.get_field(name) for name in names]
    refusals = get(model).update(make(), fields)

    assert refusals.keys() == wanted.keys()
    assert read(model, keys=True) == rows
    for place, error in wanted.items():
        check_error(refusals[place], error)


@pytest.mark.parametrize("refused", REFUSED)
def test_update(get: GetWriter, category: Category, refused: dict[str, Any]) -> None:
    Product.objects.bulk_create(make_products(category, 120))
    other = Category.objects.create(name="other")
    changed = make_products(other, 120, **refused, first=1000)

    def change(place: int, product: Product) -> None:
        for name in ("name", "price", "category", "sku", "attributes"):
            setattr(product, name, getattr(changed[place], name))

    check_updates(get, Product, ["name", "price", "category", "attributes"], change)
    check_updates(get, Product, ["sku", "price"], change)


def test_update_to_null(get: GetWriter, category: Category) -> None:
    Product.objects.bulk_create(make_products(category, 5))

    def change(place: int, product: Product) -> None:
        product.name = None if place in (1, 3) else "new"

    check_updates(get, Product, ["name"], change)


ORDERS = pytest.mark.parametrize("order", ["pk", "-pk"])
STEPS = pytest.mark.parametrize("step", [1, -1])


@ORDERS
@STEPS
def test_update_passes_on_unique_values(
    get: GetWriter, category: Category, step: int, order: str
) -> None:
    """Each wants what its neighbour has: who comes first decides who gets it."""
    Product.objects.bulk_create(make_products(category, 60))

    def change(place: int, product: Product) -> None:
        product.sku = f"sku-{product.stock + step}"

    check_updates(get, Product, ["sku", "name"], change, order)


@ORDERS
@STEPS
def test_update_passes_on_unique_expressions(
    get: GetWriter, step: int, order: str
) -> None:
    Label.objects.bulk_create(Label(name=f"label {place}") for place in range(30))

    def change(place: int, label: Label) -> None:
        label.name = f"LABEL {int(label.name.split()[1]) + step}"

    check_updates(get, Label, ["name"], change, order)


@ORDERS
@STEPS
def test_update_passes_on_values_that_are_unique_together(
    get: GetWriter, step: int, order: str
) -> None:
    shelf = Shelf.objects.create(name="shelf")
    Place.objects.bulk_create(
        Place(shelf=shelf, position=number, width=number + 1) for number in range(20)
    )

    def change(place: int, at: Place) -> None:
        at.position = at.width - 1 + step

    check_updates(get, Place, ["position"], change, order)


@ORDERS
def test_update_passes_on_who_comes_under_a_condition(
    get: GetWriter, order: str
) -> None:
    """Of those with the same title one is not archived."""
    shelf = Shelf.objects.create(name="shelf")
    Book.objects.bulk_create(
        Book(slug=str(place), title="same", shelf=shelf, archived=place != 1)
        for place in range(4)
    )

    def change(place: int, book: Book) -> None:
        book.archived = book.slug != "2"

    check_updates(get, Book, ["archived"], change, order)


def test_update_the_same_row_twice(get: GetWriter, category: Category) -> None:
    product = make_products(category, 1)[0]
    product.save()
    other = Product.objects.get()
    product.name, other.name = "first", "second"

    get(Product).update([product, other], [Product._meta.get_field("name")])

    assert Product.objects.get().name == "second"


def test_update_without_a_change(get: GetWriter, category: Category) -> None:
    """MySQL counts rows that change, unless it is told to count those it finds."""
    products = make_products(category, 5)
    get(Product).insert(products)

    assert get(Product).update(products, [Product._meta.get_field("name")]) == {}


def test_update_expressions(get: GetWriter, category: Category) -> None:
    Product.objects.bulk_create(make_products(category, 5))

    def change(place: int, product: Product) -> None:
        product.stock = F("stock") + place if place != 3 else F("stock") - 10
        product.name = "new"

    check_updates(get, Product, ["stock", "name"], change)


@pytest.mark.parametrize("refused", [[], [0], [59], range(60)])
@pytest.mark.parametrize("name", ["price", "sku"])
def test_update_rows_that_are_gone(
    get: GetWriter, category: Category, refused: Collection[int], name: str
) -> None:
    products = make_products(category, 60)
    get(Product).insert(products)
    Product.objects.filter(pk=products[30].pk).delete()
    for place, product in enumerate(products):
        product.sku = f"new-{place}"
        if place in refused and place != 30:
            product.price = -1
    names = dict.fromkeys(["price", name])

    with pytest.raises(RowsAreGone), transaction.atomic():
        get(Product).update(products, [Product._meta.get_field(each) for each in names])

    assert not Product.objects.filter(sku__startswith="new-").exists()


def test_delete(get: GetWriter, category: Category) -> None:
    products = make_products(category, 60)
    get(Product).insert(products)

    get(Product).delete([*(each.pk for each in products[1:]), 10**6])

    assert Product.objects.get() == products[0]


def test_delete_keys_of_python(get: GetWriter) -> None:
    parcels = [Parcel(label="x") for _ in range(5)]
    get(Parcel).insert(parcels)

    get(Parcel).delete([each.pk for each in parcels[:-1]])

    assert Parcel.objects.get() == parcels[-1]


def test_delete_nothing(get: GetWriter, category: Category) -> None:
    get(Category).delete([])

    assert Category.objects.exists()


def count(function: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as context:
        function()
    return len(context)


def count_inserts(products: list[Product]) -> int:
    return count(lambda: get_own(Product).insert(products))


def count_writes(products: list[Product]) -> tuple[int, int, int]:
    """Return how many statements it takes to insert, to update, to delete."""
    inserted = count_inserts(products)
    for product in products:
        product.name = "new"
    fields = [Product._meta.get_field(name) for name in ("name", "sku")]
    updated = count(lambda: get_own(Product).update(products, fields))
    deleted = count(lambda: get_own(Product).delete([each.pk for each in products]))
    return inserted, updated, deleted


@pytest.fixture
def role() -> Iterator[Callable[[str], None]]:
    """Return what goes on as a role with few rights, after a statement for it."""

    def become(sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE limited")
            cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO limited")
            cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO limited")
            cursor.execute(sql)
            cursor.execute("SET LOCAL ROLE limited")

    yield become
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@ONLY_POSTGRESQL
def test_role_without_temporary_things(
    role: Callable[[str], None], category: Category
) -> None:
    name = connection.settings_dict["NAME"]
    role(f'REVOKE TEMPORARY ON DATABASE "{name}" FROM PUBLIC')
    Product.objects.bulk_create(make_products(category, 60, first=1000))

    def change(place: int, product: Product) -> None:
        product.sku = f"sku-{1000 + place + 1}"

    check_updates(get_own, Product, ["sku"], change)
    check_inserts(
        get_own, Product, lambda: make_products(category, 60, negative=[5, 6, 59])
    )


@ONLY_POSTGRESQL
def test_role_without_sequences(
    role: Callable[[str], None], category: Category
) -> None:
    role("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM limited")

    check_inserts(get_own, Product, lambda: make_products(category, 9, negative=[5]))


def test_statements(category: Category) -> None:
    """As many for 200 rows as for 10."""
    few = count_writes(make_products(category, 10))
    many = count_writes(make_products(category, 200, first=1000))

    assert many == few
    assert max(few) <= 5


@ONLY_POSTGRESQL
@pytest.mark.parametrize(("refused", "expected"), [(1, 103), (100, 733), (200, 833)])
def test_statements_of_refused_rows(
    category: Category, refused: int, expected: int
) -> None:
    """Few are found by halves; of many, each has a savepoint."""
    rows = make_products(category, 200, negative=range(refused))

    assert count_inserts(rows) == expected
