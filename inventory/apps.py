from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = "Inventering"

    def ready(self) -> None:
        """Tell the catalogue how projects become entries, and when embargoes are looked at."""
        from core import periodic
        from inventory import personal_data, search  # noqa: F401 - declares what is kept
        from search import catalogue

        catalogue.register(search.KIND, search.documents)
        catalogue.only_to_find |= search.ONLY_TO_FIND
        periodic.register("publicera", "inventory.actions.publish_due", every=periodic.HOUR / 6)
