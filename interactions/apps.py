from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class InteractionsConfig(AppConfig):
    name = "interactions"
    verbose_name = _("Interactions")

    def ready(self):
        from crm import health

        from . import checks, ledger_guard
        from .merge_fields import builtin

        builtin.register_all()
        health.register("ledger fences", checks.missing_fences)
        pre_migrate.connect(ledger_guard.remove, sender=self, dispatch_uid="ledger_guard.remove")
        post_migrate.connect(ledger_guard.install, sender=self, dispatch_uid="ledger_guard.install")
