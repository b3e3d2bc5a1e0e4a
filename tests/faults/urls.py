"""The viewsets of the faults, for a server in another process."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from tests.faults.viewsets import STRATEGIES

router = SimpleRouter()
for name, viewset in STRATEGIES.items():
    router.register(name, viewset, basename=name)

urlpatterns = router.urls
