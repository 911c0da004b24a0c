from django.db import migrations


def mark(apps, schema_editor):
    """Roles given before: all of them read what is for staff (people.roles.READ_STAFF)."""
    User = apps.get_model("people", "User")
    User.objects.exclude(site_roles=None).update(reads_internal=True)


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0006_reads_internal"),
    ]

    operations = [
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
