from functools import cache

from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

PAGE = """{% extends "base.html" %}{% block title %}Empty{% endblock %}
{% block main %}<div class="ph"><div class="t"><h1>Empty</h1></div></div>{% endblock %}"""


@cache
def template():
    return engines["django"].from_string(PAGE)


def empty(request):
    """What every page costs before it has anything to say: sidebar, top bar, counts."""
    return HttpResponse(template().render({}, request))


urlpatterns = [path("bench/empty/", empty, name="bench_empty"), path("", include("crm.urls"))]
