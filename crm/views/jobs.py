"""My jobs, and the page of one: how far it is, what came out of it, and its file. Only its owner sees it."""

import os

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import jobs, undo
from crm.htmx import render_page
from crm.models import Job, JobState
from crm.toasts import toast
from crm.views.paging import ListPage

TONES = {JobState.QUEUED: "wait", JobState.RUNNING: "open", JobState.DONE: "ok", JobState.FAILED: "bad"}
STOP_POLLING = 286  # htmx asks no more after it


@require_safe
@never_cache
def job_list(request):
    """The newest first; those that ended are kept for a week."""
    page = ListPage(request, Job.objects.visible_to(request.user), ("created_at", "id"), descending=True)
    for row in page.rows:
        row.tone = TONES[row.state]
        row.said = said(row) if row.state == JobState.DONE else row.error
    return render_page(request, "crm/job_list.html", {"page": page}, partial={"rows": "results"})


@require_safe
@never_cache
def job(request, pk):
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    over = job.finished_at is not None
    polled = request.htmx and not request.htmx.boosted
    if over and polled:
        if job.state == JobState.DONE:
            name, payload = job.result.get("undo") or ("", {})
            toast(request, said(job), undo=undo.offer(request, name, **payload) if name else None)
        else:
            toast(request, job.error, level=messages.ERROR)
    context = {
        "job": job,
        "over": over,
        "said": said(job),
        "silent": job.state == JobState.RUNNING and job.heartbeat < timezone.now() - jobs.SILENCE,
        "forsaken": not over and waits_long(job) and not jobs.worker_is_alive(),
        "kept_until": over and job.finished_at + jobs.KEPT,
    }
    status = STOP_POLLING if over and polled else 200
    return render_page(request, "crm/job.html", context, partial="progress", status=status)


def said(job):
    """What the job has to say for itself in one sentence, once it is done."""
    return job.result.get("text") or _("%(title)s: done.") % {"title": job.title}


def waits_long(job):
    """Whether a worker that lives would have touched this job by now."""
    return max(job.created_at, job.heartbeat or job.created_at) < timezone.now() - jobs.SILENCE


@require_safe
@never_cache
def job_file(request, pk):
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    if not job.file or not job.file.storage.exists(job.file.name):
        raise Http404
    return FileResponse(job.file.open(), as_attachment=True, filename=os.path.basename(job.file.name))
