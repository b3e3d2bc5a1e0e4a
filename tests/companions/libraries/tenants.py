"""A schema of PostgreSQL for each tenant, chosen by the host of the request."""

from __future__ import annotations

from django.db import connection, models
from django_tenants.models import DomainMixin, TenantMixin

from tests.companions.places import Place

PACKAGES = ("django-tenants",)
VENDORS = ("postgresql",)
ENGINE = "django_tenants.postgresql_backend"
APPS = ("django_tenants",)
MIDDLEWARE_FIRST = ("django_tenants.middleware.main.TenantMainMiddleware",)
SETTINGS = {
    "DATABASE_ROUTERS": ["django_tenants.routers.TenantSyncRouter"],
    "TENANT_MODEL": "companions.Tenant",
    "TENANT_DOMAIN_MODEL": "companions.Domain",
    "SHARED_APPS": [
        "django_tenants",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "tests.companions.host.CompanionsConfig",
    ],
    "TENANT_APPS": ["tests.companions.host.CompanionsConfig"],
}


class Tenant(TenantMixin):
    name = models.CharField(max_length=20)
    auto_create_schema = False


class Domain(DomainMixin):
    pass


class City(Place):
    pass


def make_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute('CREATE SCHEMA "finland"')
    connection.set_schema("finland")
    with connection.schema_editor() as editor:
        editor.create_model(City)
    connection.set_schema_to_public()


def before_clean() -> None:
    connection.set_schema_to_public()


def clean() -> None:
    tenant = Tenant.objects.create(schema_name="finland", name="Finland")
    Domain.objects.create(tenant=tenant, domain="testserver", is_primary=True)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE finland.companions_city RESTART IDENTITY")
