import datetime

from django.apps import AppConfig
from django.urls import register_converter


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "Grund"

    def ready(self) -> None:
        """Teach addresses their parts, and say what is done again and again."""
        from core import periodic, personal_data  # noqa: F401 - declares what is kept
        from core.converters import NumberConverter

        register_converter(NumberConverter, "number")
        periodic.register("uppgifter-efter-doda", "core.tasks.reap", every=periodic.MINUTE)
        periodic.register("mejl-efter-doda", "core.mail.reap", every=periodic.MINUTE)
        periodic.register(
            "gallring", "core.register.erase_due", every=periodic.DAY, at=datetime.time(3)
        )
        periodic.register("gamla-uppgifter", "core.tasks.prune", every=periodic.DAY)
        periodic.register("langa-arbeten", "core.long_work.tidy", every=periodic.MINUTE)
        periodic.register(
            "filer-utan-rad", "core.stored.sweep", every=periodic.DAY, at=datetime.time(3, 30)
        )
        periodic.register("gamla-livstecken", "core.worker.forget_signs", every=periodic.DAY)
