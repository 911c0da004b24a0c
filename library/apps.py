from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "library"
    verbose_name = "Bibliotek"

    def ready(self) -> None:
        """Tell the catalogue how the library becomes entries."""
        from library import (
            personal_data,  # noqa: F401 - declares
            search,
        )
        from library.reading_list_views import my_reading_lists
        from people.panels import Panel, my_pages
        from search import catalogue

        search.register()
        my_pages.append(Panel("library/_my_reading_lists.html", my_reading_lists, order=30))
        catalogue.only_to_find |= {search.SOURCE_FACET}
