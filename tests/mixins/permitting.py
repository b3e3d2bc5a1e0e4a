"""What a user may do with categories."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission


def allow(user: Any, *names: str) -> None:
    """Give a user permissions on categories."""
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
