import datetime

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Katalog och sökning"

    def ready(self) -> None:
        """Say what is kept, and what is done again and again."""
        from core import periodic
        from search import personal_data  # noqa: F401 - declares what is kept

        # The publishing transaction asks for it as well; this catches what was left by accident.
        periodic.register("las-texter", "search.indexing.index", every=periodic.HOUR / 6)
        periodic.register(
            "rakna-ord", "search.indexing.recount", every=periodic.DAY, at=datetime.time(4)
        )
