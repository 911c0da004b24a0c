from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "library"
    verbose_name = "Bibliotek"

    def ready(self) -> None:
        """Tell the catalogue how the library becomes entries."""
        from library import search
        from search import catalogue

        search.register()
        catalogue.only_to_find |= {search.SOURCE_FACET}
