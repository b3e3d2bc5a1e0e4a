"""An amount with its currency, in two columns."""

from __future__ import annotations

from djmoney.models.fields import MoneyField
from djmoney.models.validators import MinMoneyValidator

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-money",)
APPS = ("djmoney",)


class City(Place):
    budget = MoneyField(
        max_digits=14,
        decimal_places=2,
        default_currency="EUR",
        default=0,
        validators=[MinMoneyValidator(0)],
    )


CitySerializer = make_serializer(City, "budget", "budget_currency")
bad = (
    {"name": ""},
    {"name": "Bad", "budget": "-1"},
    {"name": "Bad", "budget": "1", "budget_currency": "XXXX"},
)


def make(number: int) -> dict[str, object]:
    return {
        "name": f"City {number}",
        "budget": f"{number}.50",
        "budget_currency": "USD",
    }


def change(number: int) -> dict[str, object]:
    return {"budget": number}
