"""A process inside the portal: publishes changes, signs in, counts queries.

Started with the environment of one database. One task is one JSON line on standard input, its
outcome one JSON line on standard output.
"""

import json
import os
import sys
from itertools import cycle
from typing import Any

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ksi.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from inventory import actions  # noqa: E402
from inventory.models import Project  # noqa: E402
from library import actions as library_actions  # noqa: E402
from library.models import Item  # noqa: E402
from people.models import User  # noqa: E402
from tests.bench import searches  # noqa: E402
from tests.bench.goals import COLD, REPEATED, WARM  # noqa: E402

HEADERS = {"host": "localhost", "accept-encoding": "gzip"}


class Inside:
    """The tasks; each is asked for by its name."""

    def __init__(self) -> None:
        self.publishable = cycle(
            Project.objects.published()
            .filter(generated=True, status__in=[Project.Status.ONGOING, Project.Status.PLANNED])
            .order_by("-pk")
            .values_list("pk", flat=True)[:40]
        )

        self.items = cycle(
            Item.objects.published()
            .filter(generated=True, visibility="alla")
            .order_by("-pk")
            .values_list("pk", flat=True)[:40]
        )
        self.room = ""

    def static(self) -> None:
        """Gather the static files."""
        call_command("collectstatic", interactive=False, verbosity=0)

    def publish(self) -> None:
        """Change something published in the room for real: its state goes to and fro."""
        if self.room == "library":
            item = Item.objects.get(pk=next(self.items))
            old = item.reviewed_on
            item.reviewed_on = None if old else timezone.localdate()
            item.save(update_fields=["reviewed_on"])
            changes = {"reviewed_on": (old, item.reviewed_on)}
            library_actions.record_change(item=item, by=None, changes=changes)
            return
        project = Project.objects.get(pk=next(self.publishable))
        old = project.status
        ongoing = old == Project.Status.PLANNED
        project.status = Project.Status.ONGOING if ongoing else Project.Status.PLANNED
        project.save(update_fields=["status"])
        actions.record_change(project=project, by=None, changes={"status": (old, project.status)})

    def cookie(self) -> str:
        """The session cookie of somebody who is signed in."""
        user = User.objects.filter(email="prov@example.org").first()
        user = user or User.objects.create_user("prov@example.org")
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        return f"{name}={client.cookies[name].value}"

    def addresses(self, room: str) -> dict[str, list[str]]:
        """Page → its addresses, for pages whose addresses depend on what there is.

        From now on the room is the one that is published in.
        """
        self.room = room
        return searches.addresses() if room == "search" else {"detail": [self.detail()]}

    def detail(self) -> str:
        """The address of a public project, or item, of middling length."""
        sizes = []
        things: Any = Item.objects if self.room == "library" else Project.objects
        public = things.published().filter(visibility="alla", pk__gt=0)
        for thing in public.order_by("pk")[:200:9]:
            address = thing.get_absolute_url()
            sizes.append((len(Client(headers=HEADERS).get(address).content), address))
        return sorted(sizes)[len(sizes) // 2][1]

    def queries(self, path: str) -> dict[str, int]:
        """How many queries the page takes in each state."""
        anonymous, signed_in = Client(headers=HEADERS), Client(headers=HEADERS)
        name, _, value = self.cookie().partition("=")
        signed_in.cookies[name] = value
        anonymous.get(path)  # what a process reads once in its life
        self.publish()
        return {
            COLD: self._queries(anonymous, path),
            REPEATED: self._queries(anonymous, path),
            WARM: (self._queries(signed_in, path), self._queries(signed_in, path))[1],
        }

    @staticmethod
    def _queries(client: Client, path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
            response.close()
        if response.status_code != 200:
            raise ValueError(f"{path} answers {response.status_code}.")
        return len(captured)


def main() -> None:
    """Serve tasks until standard input ends."""
    inside = Inside()
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        print(json.dumps(getattr(inside, asked.pop("do"))(**asked)), flush=True)


if __name__ == "__main__":
    main()
