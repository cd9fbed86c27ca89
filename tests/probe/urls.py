from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import include, path

from .tasks import write


@login_not_required
def queue(request):
    write.delay(str(settings.DATA_DIR / "by-request"))
    return HttpResponse("queued")


urlpatterns = [path("probe/", queue), path("", include("crm.urls"))]
