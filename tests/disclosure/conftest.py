"""Who asks, and what is not theirs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from tests.disclosure.probing import HIDDEN_KEY
from tests.factories import NoteFactory, UserFactory
from tests.shop.models import Note


@pytest.fixture
def user() -> User:
    """Return who asks."""
    user: User = UserFactory()
    return user


@pytest.fixture
def client(user: User) -> APIClient:
    """Return a client of theirs, who gets a 500 as an answer."""
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(user)
    return client


@pytest.fixture
def hidden() -> Note:
    """Return a row of somebody else's."""
    note: Note = NoteFactory(pk=HIDDEN_KEY, text="secret-note")
    return note
