from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.models import Q

READ = (
    "crm.view_contact crm.view_salesperson interactions.view_interactionlogentry interactions.view_interactiontemplate"
    " interactions.view_campaign"
)
WORK = (
    f"{READ} crm.add_contact crm.change_contact crm.export_contacts"
    " interactions.log_interaction interactions.cancel_interactions"
    " interactions.evaluate_interactions interactions.export_interactions interactions.see_costs"
)
MANAGE = (
    f"{WORK} crm.scope_all crm.view_marketingsetup interactions.purge_interactions"
    " interactions.add_interactiontemplate interactions.change_interactiontemplate"
    " interactions.delete_interactiontemplate interactions.view_interactiongroup"
    " interactions.add_interactiongroup interactions.change_interactiongroup interactions.delete_interactiongroup"
    " interactions.add_interactiontemplatelanguage interactions.change_interactiontemplatelanguage"
    " interactions.delete_interactiontemplatelanguage interactions.view_interactiontemplatelanguage"
    " interactions.add_campaign interactions.change_campaign"
)
GROUPS = {
    "Reader": f"{READ} crm.scope_all".split(),
    "Salesperson": f"{WORK} crm.scope_team".split(),
    "Marketing manager": MANAGE.split(),
    "Administrator": None,  # every permission of the two apps, and the groups themselves
}


def make_groups(apps, schema_editor):
    # Permissions are made after migrating; the groups need them now.
    for label in ("crm", "interactions", "auth"):
        create_permissions(current_apps.get_app_config(label), verbosity=0, using=schema_editor.connection.alias)
    group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    everything = permission_model.objects.filter(
        Q(content_type__app_label__in=["crm", "interactions"])
        | Q(content_type__app_label="auth", content_type__model="group")
    )
    by_name = {f"{p.content_type.app_label}.{p.codename}": p for p in everything.select_related("content_type")}
    for name, granted in GROUPS.items():
        group, _created = group_model.objects.get_or_create(name=name)
        group.permissions.add(*(by_name.values() if granted is None else (by_name[key] for key in granted)))


class Migration(migrations.Migration):
    dependencies = [
        ("interactions", "0001_initial"),
        ("crm", "0002_text_search_and_setup_row"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
