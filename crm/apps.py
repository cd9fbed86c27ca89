from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


def teach_capitals(sender, connection, **kwargs):
    """SQLite knows capitals of ASCII letters only (see `crm.parsing.expressions.Capitals`)."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("capitals", 1, capitals, deterministic=True)


def capitals(text):
    return text if text is None else str(text).upper()


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("Contacts and setup")

    def ready(self):
        connection_created.connect(teach_capitals, dispatch_uid="crm.capitals")
        from django.utils.module_loading import autodiscover_modules

        from . import pages  # noqa: F401

        autodiscover_modules("navigation", "dependents")
