import datetime

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = "Personer och organisationer"

    def ready(self) -> None:
        from core import periodic
        from people import personal_data, signals  # noqa: F401 - declares what is kept
        from people.membership_views import my_memberships
        from people.panels import Panel, my_pages

        signals.connect()
        periodic.register(
            "varna-vilande-konton",
            "people.personal_data.warn_idle",
            every=periodic.DAY,
            at=datetime.time(7),
        )
        my_pages.append(Panel("people/_my_memberships.html", my_memberships, order=20))
