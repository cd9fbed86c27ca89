from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SegmentsConfig(AppConfig):
    name = "segments"
    verbose_name = _("Segments")

    def ready(self):
        from interactions.demo import loaded

        from . import demo

        loaded.connect(demo.fill, dispatch_uid="segments.demo")
