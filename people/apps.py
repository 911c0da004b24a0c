from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = "Personer och organisationer"

    def ready(self) -> None:
        from people import signals

        signals.connect()
