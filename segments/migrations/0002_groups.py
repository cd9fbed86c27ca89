from django.apps import apps as current_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

LISTS = (
    "businessrelation",
    "industrygroup",
    "jobresponsibility",
    "mailinggroup",
    "territory",
)
MARKET = " ".join(
    (
        "segments.view_segment segments.add_segment segments.change_segment segments.delete_segment",
        "segments.log_segment segments.view_savedcriteria segments.add_savedcriteria segments.change_savedcriteria",
        "segments.delete_savedcriteria",
    )
)
LOOK = "segments.view_segment interactions.view_loggedsegment"
LIST_VERBS = " ".join(f"crm.{verb}_{name}" for name in LISTS for verb in ("view", "add", "change", "delete"))
GROUPS = {
    "Reader": LOOK,
    "Salesperson": f"{MARKET} interactions.view_loggedsegment",
    "Marketing manager": (
        f"{MARKET} {LIST_VERBS} interactions.view_loggedsegment interactions.cancel_loggedsegment"
        " interactions.delete_loggedsegment interactions.view_campaignstatus interactions.add_campaignstatus"
        " interactions.change_campaignstatus"
    ),
    "Administrator": None,  # every permission of the three apps
}


def grant(apps, schema_editor):
    for label in ("crm", "interactions", "segments"):
        create_permissions(current_apps.get_app_config(label), verbosity=0, using=schema_editor.connection.alias)
    group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    everything = permission_model.objects.filter(content_type__app_label__in=["crm", "interactions", "segments"])
    by_name = {f"{p.content_type.app_label}.{p.codename}": p for p in everything.select_related("content_type")}
    for name, granted in GROUPS.items():
        group, _created = group_model.objects.get_or_create(name=name)
        group.permissions.add(
            *(by_name.values() if granted is None else (by_name[key] for key in granted.split()))
        )


class Migration(migrations.Migration):
    dependencies = [
        ("segments", "0001_initial"),
        ("interactions", "0003_campaign_status"),
        ("crm", "0004_job_stage"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
