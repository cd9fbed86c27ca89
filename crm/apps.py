from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("Contacts and setup")

    def ready(self):
        from django.utils.module_loading import autodiscover_modules

        from . import pages  # noqa: F401

        autodiscover_modules("navigation", "dependents")
