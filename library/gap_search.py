"""What knowledge gaps put in the catalogue."""

from collections.abc import Iterable, Iterator

from django.utils import timezone
from django.utils.text import Truncator

from library.models import Gap, Theme
from library.search import SOURCE_FACET
from search import catalogue
from search.catalogue import YEAR, Document
from search.models import Audience

KIND = "kunskapslucka"
LONGEST_SUMMARY = 300


def documents(pks: Iterable[int]) -> Iterator[Document]:
    """The catalogue's rows for those of these gaps that are open or answered."""
    gaps = Gap.objects.published().filter(pk__in=list(pks)).counted()
    for gap in gaps.select_related("source").prefetch_related("themes"):
        themes = list(gap.themes.all())
        told = timezone.localdate(gap.received_at)
        yield Document(
            kind=KIND,
            object_id=gap.pk,
            title=gap.title,
            summary=Truncator(gap.text).chars(LONGEST_SUMMARY),
            address=gap.get_absolute_url(),
            audience=Audience.PUBLIC,
            published_at=gap.decided_at or gap.received_at,
            date=str(told),
            card={
                "state": gap.get_state_display(),
                "supported": gap.supported,
                "generated": gap.generated,
            },
            words=[str(theme) for theme in themes],
            text="\n".join(
                [*([gap.text] if len(gap.text) > LONGEST_SUMMARY else []), gap.answer_text]
            ),
            facets={
                Theme.FACET: [theme.slug for theme in themes],
                SOURCE_FACET: [gap.source.slug] if gap.source else [],
                YEAR: [str(gap.source.year if gap.source else told.year)],
            },
        )


def register() -> None:
    """Tell the catalogue how gaps become entries."""
    catalogue.register(
        KIND,
        documents=documents,
        ids=lambda: Gap.objects.order_by("pk").values_list("pk", flat=True),
        label="Kunskapslucka",
        plural="Kunskapsluckor",
    )
