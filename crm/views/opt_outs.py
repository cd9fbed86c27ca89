"""The one page that contacts see: they say, by the link in an e-mail, that they want no more of them."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_supported_language_variant
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm.actions import LinkIsBroken, opt_out, whose_opt_out


def language_of(contact):
    """The language of the pages that fits *contact*, None when there is none."""
    try:
        return get_supported_language_variant(contact.language) if contact.language else None
    except LookupError:
        return None


# The signature in the address is the proof, and programs that read e-mail press the button for their readers
# (RFC 8058): they bring no cookie, and follow no redirect.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "POST"])
def opt_out_page(request, token):
    """GET asks, POST does it; both say so once it is done. Nothing of the contact is shown."""
    try:
        contact, channel = whose_opt_out(token)
    except LinkIsBroken as problem:
        return render(request, "crm/opt_out.html", {"problem": problem.for_user}, status=404)
    if request.method == "POST":
        opt_out(contact, channel)
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    with translation.override((not chosen and language_of(contact)) or translation.get_language()):
        return render(
            request,
            "crm/opt_out.html",
            {"done": contact.opt_outs.filter(channel=channel).exists(), "channel": channel},
        )
