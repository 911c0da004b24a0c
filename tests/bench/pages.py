"""`python -m tests.bench.pages 200000 2026`: made-up PDF pages for the database of DATABASE_URL."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ksi.settings")
django.setup()

from django_tasks_db.models import DBTaskResult  # noqa: E402

from inventory.generating.items import generate_item_pages  # noqa: E402
from inventory.generating.pages import generate_pages  # noqa: E402

if __name__ == "__main__":
    generate_pages(count=int(sys.argv[1]), seed=int(sys.argv[2]))
    generate_item_pages(seed=int(sys.argv[2]))
    # They are read at once by `manage.py reindex`; no worker has to be told, thousands of times.
    DBTaskResult.objects.filter(task_path="search.tasks.index").delete()
