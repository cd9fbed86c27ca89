"""Who is signed in, and what he or she may do: one query for the person, one for all permissions."""

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
