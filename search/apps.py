from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Katalog och sökning"

    def ready(self) -> None:
        """Say what is done again and again."""
        from core import periodic

        # The publishing transaction asks for it as well; this catches what was left by accident.
        periodic.register("las-texter", "search.indexing.index", every=periodic.HOUR / 6)
        periodic.register("rakna-ord", "search.indexing.recount", every=periodic.DAY)
