import datetime

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "library"
    verbose_name = "Bibliotek"

    def ready(self) -> None:
        """Tell the catalogue how the library becomes entries, and what is done by the clock."""
        from core import periodic
        from library import personal_data, search  # noqa: F401 - declares
        from people import roles
        from people.panels import Way, editorial_ways
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
        periodic.register(
            "provar-lankar",
            "library.link_checks.check_due",
            every=periodic.DAY,
            at=datetime.time(2, 30),
        )
        editorial_ways.append(
            Way(
                roles.WRITE_LIBRARY,
                "library:drafts",
                "Skriva i biblioteket",
                "Poster, metoder och instrument: utkast, referenser och det som någon ska se till.",
            )
        )
