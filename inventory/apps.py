from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = "Inventering"

    def ready(self) -> None:
        """Tell the catalogue how projects become entries, and when embargoes are looked at."""
        from core import periodic
        from inventory import exchange, personal_data, search  # noqa: F401 - declares what is kept
        from inventory.draft_views import my_drafts
        from people import records
        from people.panels import Panel, my_pages
        from search import catalogue

        search.register()
        catalogue.only_to_find |= search.ONLY_TO_FIND
        records.register(
            records.Series(
                "meddelanden",
                "Meddelanden till funktioner",
                exchange.MESSAGE_COLUMNS,
                exchange.message_rows,
            )
        )
        records.register(
            records.Series(
                "inlamningar",
                "Inlämnade projekt och verksamheter",
                exchange.SUBMISSION_COLUMNS,
                exchange.submission_rows,
            )
        )
        records.register(
            records.Series(
                "kommentarer",
                "Redaktionens kommentarer till det som lämnats in",
                exchange.COMMENT_COLUMNS,
                exchange.comment_rows,
            )
        )
        my_pages.append(Panel("inventory/draft/_my_drafts.html", my_drafts, order=15))
        periodic.register("publicera", "inventory.actions.publish_due", every=periodic.HOUR / 6)
