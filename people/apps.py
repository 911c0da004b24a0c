import datetime

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = "Personer och organisationer"

    def ready(self) -> None:
        from core import periodic
        from people import history, personal_data, records, signals  # noqa: F401 - declares
        from people.membership_views import my_memberships
        from people.panels import Panel, my_editorial, my_pages

        signals.connect()
        periodic.register(
            "varna-vilande-konton",
            "people.personal_data.warn_idle",
            every=periodic.DAY,
            at=datetime.time(7),
        )
        # Just past midnight: an organisation is there, or is gone, from the day's beginning.
        periodic.register(
            "slå-samman", "people.actions.merge_due", every=periodic.DAY, at=datetime.time(0, 1)
        )
        records.register(history.SERIES)
        my_pages.append(Panel("people/_my_editorial.html", my_editorial, order=10))
        my_pages.append(Panel("people/_my_memberships.html", my_memberships, order=20))
