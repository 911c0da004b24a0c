import datetime

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "library"
    verbose_name = "Bibliotek"

    def ready(self) -> None:
        """Tell the catalogue how the library becomes entries, and what is done by the clock."""
        from core import periodic
        from library import gap_search, personal_data, search, voice_records  # noqa: F401 - declares
        from library.reading_list_views import my_reading_lists
        from people import records, roles
        from people.panels import Panel, Way, editorial_ways, my_pages
        from search import catalogue

        search.register()
        gap_search.register()
        my_pages.append(Panel("library/_my_reading_lists.html", my_reading_lists, order=30))
        # Every day: nothing is due on others than the first of the year.
        periodic.register(
            "bibliotekets-alder",
            "library.actions.refresh_ages",
            every=periodic.DAY,
            at=datetime.time(0, 5),
        )
        catalogue.only_to_find |= {search.SOURCE_FACET, search.TOOL_FACET}
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
        editorial_ways.append(
            Way(
                roles.WRITE_LIBRARY,
                "library:workshop",
                "Metodverkstaden",
                "Metoder som har uppmärksammats, prövas, utvärderas och sprids.",
            )
        )
        for key, label, columns, rows in (
            ("roster", "Röster från läsare", voice_records.VOICE_COLUMNS, voice_records.voice_rows),
            (
                "berattelser",
                "Erbjudna berättelser",
                voice_records.STORY_COLUMNS,
                voice_records.story_rows,
            ),
            (
                "kunskapsluckor",
                "Föreslagna kunskapsluckor",
                voice_records.PROPOSAL_COLUMNS,
                voice_records.proposal_rows,
            ),
        ):
            records.register(records.Series(key, label, columns, rows))
        periodic.register(
            "publicerade-berattelser", "library.actions.tell_published", every=periodic.HOUR
        )
        editorial_ways.append(
            Way(
                roles.MODERATE,
                "library:moderation",
                "Röster och berättelser",
                "Det som besökare har skickat in: läs, godta och avböj.",
            )
        )
