from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = "Inventering"

    def ready(self) -> None:
        """Tell the catalogue how projects become entries."""
        from inventory import search
        from search import catalogue

        catalogue.register(search.KIND, search.documents)
