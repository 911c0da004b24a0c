from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = "Personer och organisationer"

    def ready(self) -> None:
        from people import history, records, signals
        from people.membership_views import my_memberships
        from people.panels import Panel, my_editorial, my_pages

        signals.connect()
        records.register(history.SERIES)
        my_pages.append(Panel("people/_my_editorial.html", my_editorial, order=10))
        my_pages.append(Panel("people/_my_memberships.html", my_memberships, order=20))
