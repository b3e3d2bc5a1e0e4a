"""The packages that do something similar, where they are installed and work."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from tests.benchmarks.contenders.contender import Contender, count_all, send_to
from tests.benchmarks.results import DJANGO_BULK_DRF, DRF_BULK, KINDS

MODULES: Final = {
    DJANGO_BULK_DRF: "tests.benchmarks.contenders.with_django_bulk_drf",
    DRF_BULK: "tests.benchmarks.contenders.with_drf_bulk",
}

contenders: list[Contender] = []
urlpatterns: list[Any] = []

for name, module_name in MODULES.items():
    try:
        module = import_module(module_name)
    except ImportError as exc:
        contenders.append(
            Contender(
                name=name,
                prepare=send_to("/"),
                count=count_all,
                left_out=dict.fromkeys(KINDS, f"cannot be imported: {exc}"),
            )
        )
    else:
        contenders.append(module.contender)
        urlpatterns += module.router.urls
