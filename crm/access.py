"""Who is signed in, and what he or she may do: one query for the person, one for all permissions."""

import ipaddress

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import Q


class Backend(ModelBackend):
    """Django's own back end, asking less often."""

    def get_user(self, user_id):
        from .models import User

        user = User.objects.select_related("salesperson").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if not hasattr(user_obj, "_perm_cache"):
            granted = Permission.objects.order_by()
            if not user_obj.is_superuser:
                granted = granted.filter(Q(user=user_obj) | Q(group__user=user_obj))
            user_obj._perm_cache = {
                f"{app}.{name}" for app, name in granted.values_list("content_type__app_label", "codename")
            }
        return user_obj._perm_cache


def client_address(request):
    """The address of the browser: what the outermost of our PROXY_COUNT proxies heard, else that of the connection.

    Whatever stands further left in X-Forwarded-For was sent by the client and proves nothing.
    """
    heard = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if 0 < settings.PROXY_COUNT <= len(heard):
        try:
            return str(ipaddress.ip_address(heard[-settings.PROXY_COUNT].strip()))
        except ValueError:
            pass  # "unknown", or nonsense: the column takes addresses only
    return request.META.get("REMOTE_ADDR")
