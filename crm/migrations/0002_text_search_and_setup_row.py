from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

INDEX = "contact_search_text"


def make_index(apps, schema_editor):
    """Contacts are found by any part of a word; SQLite reads the column instead."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE INDEX {INDEX} ON crm_contact USING gin (search_text gin_trgm_ops)")


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX {INDEX}")


def make_setup(apps, schema_editor):
    """Numbers are given from the first contact on; an administrator renames or replaces the series."""
    series = apps.get_model("crm", "NumberSeries")
    setup = apps.get_model("crm", "MarketingSetup")
    made = {}
    for code, description, first in (
        ("CONTACTS", "Contacts", "CT000001"),
        ("CAMPAIGNS", "Campaigns", "CP0001"),
        ("SEGMENTS", "Segments", "SM00001"),
    ):
        made[code] = series.objects.create(code=code, description=description, manual_nos=code == "CONTACTS")
        made[code].lines.create(starting_no=first)
    setup.objects.create(
        pk=1, contact_nos=made["CONTACTS"], campaign_nos=made["CAMPAIGNS"], segment_nos=made["SEGMENTS"]
    )


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]

    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        migrations.RunPython(make_index, drop_index),
        migrations.RunPython(make_setup, migrations.RunPython.noop),
    ]
