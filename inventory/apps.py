import datetime

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = "Inventering"

    def ready(self) -> None:
        """Tell the catalogue how projects become entries, and what is done by the clock."""
        from core import periodic
        from inventory import exchange, idea_search, personal_data, search  # noqa: F401 - declares
        from inventory.draft_views import my_drafts
        from inventory.following_views import my_following
        from inventory.panels import my_follow_up, my_ideas, projects_of
        from library.panels import item_panels
        from people import records, roles
        from people.panels import Panel, Way, editorial_ways, my_pages
        from search import catalogue

        search.register()
        idea_search.register()
        item_panels.append(projects_of)
        my_pages.append(Panel("inventory/_my_ideas.html", my_ideas, order=25))
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
        records.register(
            records.Series(
                "likadant",
                "Enheter som vill göra likadant",
                exchange.ADOPTION_COLUMNS,
                exchange.adoption_rows,
            )
        )
        periodic.register(
            "hur-gick-det",
            "inventory.actions.ask_adopters",
            every=periodic.DAY,
            at=datetime.time(6, 45),
        )
        periodic.register("publicera", "inventory.actions.publish_due", every=periodic.HOUR / 6)
        # Every day, so that a Monday when the portal stood still is made up for; nothing is due
        # on other days.
        periodic.register(
            "utskick",
            "inventory.actions.digests_due",
            every=periodic.DAY,
            at=datetime.time(6),
        )
        my_pages.append(Panel("inventory/_my_following.html", my_following, order=25))
        periodic.register(
            "stammer-det-fortfarande",
            "inventory.actions.ask_due",
            every=periodic.DAY,
            at=datetime.time(6, 30),
        )
        my_pages.append(Panel("inventory/_my_follow_up.html", my_follow_up, order=22))
        editorial_ways.insert(
            0,
            Way(
                roles.REVIEW,
                "inventory:desk",
                "Att granska",
                "Det som enheterna har lämnat in: läs, kommentera och publicera.",
            ),
        )
        editorial_ways.append(
            Way(
                roles.EDIT_CONTENT,
                "inventory:silent-units",
                "Tysta enheter",
                "De som inte har svarat på om deras uppgifter stämmer.",
            )
        )
