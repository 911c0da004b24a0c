from django.db import migrations


def fetch_again(apps, schema_editor):
    """Have a worker write anew what the catalogue says of methods and instruments.

    Their addresses led to lists of projects until now.
    """
    Passage = apps.get_model("search", "Passage")
    Passage.objects.filter(entry__kind__in=["metod", "instrument"]).update(version=0, stale=True)


class Migration(migrations.Migration):
    dependencies = [("library", "0005_curating"), ("search", "0003_search_match")]

    operations = [migrations.RunPython(fetch_again, migrations.RunPython.noop)]
