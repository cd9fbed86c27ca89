import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class JobState(models.TextChoices):
    QUEUED = "QUEUED", pgettext_lazy("job", "Waiting")
    RUNNING = "RUNNING", pgettext_lazy("job", "Running")
    DONE = "DONE", pgettext_lazy("job", "Done")
    FAILED = "FAILED", pgettext_lazy("job", "Failed")


class JobQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(by=user)

    def open(self):
        return self.filter(state__in=[JobState.QUEUED, JobState.RUNNING])


class Job(models.Model):
    """Work that outlives a request, and what every progress bar reads. The row is the truth, not the queue."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=50)
    title = models.CharField(_("title"), max_length=200)
    params = models.JSONField(_("parameters"), default=dict)
    state = models.CharField(_("state"), max_length=7, choices=JobState, default=JobState.QUEUED)
    stage = models.CharField(_("stage"), max_length=100, blank=True)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("total"), null=True)
    result = models.JSONField(_("result"), default=dict)
    # What the work came to, written by the transaction that did it (`crm.jobs.settle`).
    outcome = models.JSONField(null=True, editable=False)
    file = models.FileField(_("file"), upload_to="jobs/%Y/%m/", blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="jobs", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    heartbeat = models.DateTimeField(_("last sign of life"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.CheckConstraint(name="job_state_is_known", condition=Q(state__in=JobState.values)),
            models.CheckConstraint(
                name="job_finished_when_over",
                condition=Q(state__in=["DONE", "FAILED"], finished_at__isnull=False)
                | Q(state__in=["QUEUED", "RUNNING"], finished_at__isnull=True),
            ),
        ]
        indexes = [
            # What beat starts again each minute.
            models.Index(
                name="job_open", fields=["created_at"], condition=Q(state__in=["QUEUED", "RUNNING"])
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("crm:job", args=[self.pk])
