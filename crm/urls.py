"""All addresses. The shell's own are here, each app brings the rest."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from .views import home, shell

handler400 = "crm.views.shell.bad_request"
handler500 = "crm.views.shell.server_error"

urlpatterns = [
    path("", home.home, name="home"),
    path("", include("crm.urls_app")),
    path("login/", shell.SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", shell.PasswordChange.as_view(), name="password_change"),
    path("password/reset/", shell.PasswordReset.as_view(), name="password_reset"),
    path(
        "password/reset/<uidb64>/<token>/",
        shell.PasswordResetConfirm.as_view(),
        name="password_reset_confirm",
    ),
    path("preferences/", shell.preferences, name="preferences"),
    path("language/", shell.set_language, name="set_language"),
    path("theme/", shell.set_theme, name="set_theme"),
    path("undo/<token>/", shell.undo_offer, name="undo"),
    path("livez", shell.livez, name="livez"),
    path("readyz", shell.readyz, name="readyz"),
    path("", include("interactions.urls")),
    path("segments/", include("segments.urls")),
    path("admin/", admin.site.urls),
]
