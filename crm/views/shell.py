"""The house itself: signing in and out, my settings, undo, health, and what goes wrong."""

import logging
import secrets

from axes.utils import reset
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseServerError, JsonResponse
from django.template.loader import get_template
from django.urls import reverse, reverse_lazy
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm import health, htmx, undo
from crm.context_processors import THEME_COOKIE
from crm.errors import Refusal
from crm.models import Job, Theme
from crm.shell_forms import PreferencesForm, SignInForm
from crm.toasts import toast

YEAR = 365 * 24 * 3600  # seconds

logger = logging.getLogger(__name__)

# --- signing in -------------------------------------------------------------------------------------------------------


class RefusedPage:
    """A form page of Django's that answers 422 when the form is refused."""

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


class SignIn(RefusedPage, auth.LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get(self, request, *args, **kwargs):
        if request.htmx:
            # A part of a page asked after the session had ended: what is typed there must stay.
            return htmx.trigger(HttpResponse(status=401), signedOut=True)
        return super().get(request, *args, **kwargs)

    def form_valid(self, form):
        response = super().form_valid(form)
        remember_theme(response, form.get_user().theme)
        return response


class PasswordChange(RefusedPage, auth.PasswordChangeView):
    template_name = "registration/password_change.html"
    success_url = reverse_lazy("preferences")

    def form_valid(self, form):
        toast(self.request, _("Password changed."))
        return super().form_valid(form)


class PasswordReset(RefusedPage, auth.PasswordResetView):
    template_name = "registration/password_reset.html"
    email_template_name = "registration/password_reset_email.txt"
    subject_template_name = "registration/password_reset_subject.txt"
    success_url = reverse_lazy("login")

    def form_valid(self, form):
        # The same words whether or not the address is known.
        toast(self.request, _("If we know the address, an e-mail with a link is on its way."))
        return super().form_valid(form)


class PasswordResetConfirm(RefusedPage, auth.PasswordResetConfirmView):
    template_name = "registration/password_reset_confirm.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form):
        toast(self.request, _("Password changed. Sign in with it."))
        response = super().form_valid(form)
        # Sign-in may be paused for those who forgot the old one: the new one proves who they are.
        reset(username=self.user.get_username())
        return response


# --- my settings ------------------------------------------------------------------------------------------------------


def preferences(request):
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        # The next page speaks the new language already, and so does the sentence on it.
        with translation.override(request.user.language or translation.get_language()):
            toast(request, _("Settings saved."))
        response = htmx.redirect(request, reverse("preferences"))
        remember_theme(response, request.user.theme)
        remember_language(response, request.user.language)
        return response
    status = 422 if form.errors else 200
    return htmx.render_page(request, "crm/preferences.html", {"form": form}, status=status)


@login_not_required
@require_POST
def set_language(request):
    """Language of the pages, for this browser and, signed in, for this person. An unknown one changes nothing."""
    response = htmx.redirect(request, htmx.way_back(request))
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            request.user.language = language
            request.user.save(update_fields=["language"])
        remember_language(response, language)
    return response


@require_POST
def set_theme(request):
    response = htmx.redirect(request, htmx.way_back(request))
    theme = request.POST.get("theme")
    if theme in Theme.values:
        request.user.theme = theme
        request.user.save(update_fields=["theme"])
        remember_theme(response, theme)
    return response


def remember_theme(response, theme):
    """For the pages before sign-in, which have no person."""
    response.set_cookie(THEME_COOKIE, theme, max_age=YEAR, samesite="Lax", httponly=True)


def remember_language(response, language):
    if language:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax")
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")


# --- undo -------------------------------------------------------------------------------------------------------------


@require_POST
def undo_offer(request, token):
    try:
        done = undo.run(request, token)
    except Refusal as problem:
        toast(request, problem.for_user, level=messages.WARNING)
    else:
        if isinstance(done, Job):
            return htmx.redirect(request, done)
        toast(request, done)
    return htmx.redirect(request, htmx.way_back(request))


# --- health -----------------------------------------------------------------------------------------------------------


@login_not_required
@require_GET
def livez(request):
    """The process answers. Nothing is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_GET
def readyz(request):
    """200 and {"ready": true}, or 503 and the names of the checks that failed."""
    found = health.problems()
    return JsonResponse({"ready": not found, "problems": found}, status=503 if found else 200)


# --- what goes wrong --------------------------------------------------------------------------------------------------


def server_error(request):
    """Needs no database, no session and no person: any of them may be what failed."""
    reference = "-".join((secrets.token_hex(2), secrets.token_hex(1))).upper()
    logger.error("Server error %s at %s", reference, request.path)
    context = {**bare_page(request), "reference": reference}
    return HttpResponseServerError(get_template("500.html").render(context))


def bad_request(request, exception=None):
    """As bare as `server_error`: the request may not even name a host."""
    return HttpResponseBadRequest(get_template("400.html").render(bare_page(request)))


def bare_page(request):
    """What a page without a shell must know."""
    theme = request.COOKIES.get(THEME_COOKIE)
    return {
        "language": translation.get_language() or settings.LANGUAGE_CODE,
        "theme": theme if theme in Theme.values else "system",
        "nonce": getattr(request, "csp_nonce", ""),
    }
