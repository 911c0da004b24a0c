from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "library"
    verbose_name = "Bibliotek"

    def ready(self) -> None:
        """Tell the catalogue how the library becomes entries, and where curators work."""
        from library import search
        from people import roles
        from people.panels import Way, editorial_ways
        from search import catalogue

        search.register()
        catalogue.only_to_find |= {search.SOURCE_FACET, search.TOOL_FACET}
        editorial_ways.append(
            Way(
                roles.WRITE_LIBRARY,
                "library:workshop",
                "Metodverkstaden",
                "Metoder som har uppmärksammats, prövas, utvärderas och sprids.",
            )
        )
