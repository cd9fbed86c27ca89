"""Taking back what was just done: for ten minutes, once, also after the page has changed (ui 4.3).

    undo.register("cancel_entries", reinstate)          # at import, e.g. in an app's navigation.py or views
    token = undo.offer(request, "cancel_entries", ids=[…])
    toasts.toast(request, _("3 entries canceled."), undo=token)

The session holds the name and the payload (ids and figures, never content), the page only a signed key.
"""

import time

from django.contrib.sessions.models import Session
from django.core import signing
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from .errors import Refusal

SECONDS = 600
MOST = 20  # offers per session
SESSION_KEY = "undo"

_functions = {}
_permissions = {}


class CannotUndo(Refusal):
    sentence = _("This can no longer be undone: it was undone already, or more than ten minutes have passed.")


class NotAllowed(Refusal):
    sentence = _("You no longer have permission to do that.")


def register(name, function, permission=""):
    """function(user, **payload) -> sentence that says what was taken back; it may raise a Refusal. Of what takes longer
    than a person waits it is the Job that does it.

    permission: "app.codename" that the person must still have when taking back; "" when *function* asks for itself.
    """
    other = _functions.setdefault(name, function)
    if (other.__module__, other.__qualname__) != (function.__module__, function.__qualname__):
        raise ValueError(f"{name} is registered twice.")
    _functions[name] = function  # the module was loaded again after it had failed
    _permissions[name] = permission


def offer(request, name, **payload):
    """The token of a new offer. payload: JSON values."""
    if name not in _functions:
        raise LookupError(f"No undo is registered as {name}.")
    key = get_random_string(16)
    offers = [*_alive(request.session).items(), (key, [name, payload, int(time.time())])]
    request.session[SESSION_KEY] = dict(offers[-MOST:])
    return _signer(request.user).sign(key)


def run(request, token):
    """Takes the offer of *token* back and answers its sentence, or its Job. Raises CannotUndo, or what the function refuses."""
    try:
        key = _signer(request.user).unsign(token, max_age=SECONDS)
    except signing.BadSignature as error:
        raise CannotUndo from error
    refusal = None
    with transaction.atomic():
        # Two clicks at once: the second one waits for the row and finds the offer gone.
        Session.objects.select_for_update().filter(pk=request.session.session_key).first()
        stored = type(request.session)(request.session.session_key)
        taken = _alive(stored).pop(key, None)
        if taken is None:
            raise CannotUndo
        for session in (stored, request.session):
            session[SESSION_KEY] = {other: value for other, value in _alive(session).items() if other != key}
        stored.save()
        name, payload, _at = taken
        permission = _permissions[name]
        try:
            if permission and not request.user.has_perm(permission):
                raise NotAllowed
            with transaction.atomic():
                sentence = _functions[name](request.user, **payload)
        except Refusal as problem:  # nothing was written; the offer is used up all the same
            refusal = problem
    if refusal:
        raise refusal
    return sentence


def _alive(session):
    since = time.time() - SECONDS
    return {key: value for key, value in session.get(SESSION_KEY, {}).items() if value[2] >= since}


def _signer(user):
    return signing.TimestampSigner(salt=f"crm.undo.{user.pk}")
