from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

DELIVER = "interactions.deliver_interactions"
GROUPS = {
    "Salesperson": [DELIVER],
    "Marketing manager": [DELIVER],
    "Administrator": [DELIVER, *(f"crm.{verb}_optout" for verb in ("view", "add", "change", "delete"))],
}


def grant(apps, schema_editor):
    # Permissions are made after migrating; the groups need them now.
    for label in ("crm", "interactions"):
        create_permissions(current_apps.get_app_config(label), verbosity=0, using=schema_editor.connection.alias)
    group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, granted in GROUPS.items():
        group, _created = group_model.objects.get_or_create(name=name)
        for key in granted:
            label, codename = key.split(".")
            group.permissions.add(permission_model.objects.get(content_type__app_label=label, codename=codename))


class Migration(migrations.Migration):
    dependencies = [
        ("interactions", "0005_delivery"),
        ("crm", "0007_opt_out"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
