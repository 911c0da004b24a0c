from django.apps import AppConfig
from django.urls import register_converter


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Grund"

    def ready(self) -> None:
        """Teach addresses their parts."""
        from core.converters import NumberConverter

        register_converter(NumberConverter, "number")
