from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "library"
    verbose_name = "Bibliotek"

    def ready(self) -> None:
        """Tell the catalogue how the library becomes entries, and what is done by the clock."""
        import datetime

        from core import periodic
        from library import search
        from search import catalogue

        search.register()
        # Every day: nothing is due on others than the first of the year.
        periodic.register(
            "bibliotekets-alder",
            "library.actions.refresh_ages",
            every=periodic.DAY,
            at=datetime.time(0, 5),
        )
        catalogue.only_to_find |= {search.SOURCE_FACET}
