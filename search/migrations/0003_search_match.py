from django.db import migrations

from search import vendor


class Migration(migrations.Migration):
    dependencies = [("search", "0002_one_search")]

    operations = [migrations.RunPython(vendor.renew, migrations.RunPython.noop)]
