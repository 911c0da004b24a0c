"""What visitors have sent in, as a registrar hands it out; knowledge gaps as a file."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from library.models import Gap, StoryOffer, Voice

BATCH = 500


def _between(first: datetime.date | None, last: datetime.date | None) -> Q:
    """What came from the first to the last day, inclusive."""
    found = Q()
    if first:
        found &= Q(received_at__gte=_midnight(first))
    if last:
        found &= Q(received_at__lt=_midnight(last + datetime.timedelta(days=1)))
    return found


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _moment(moment: datetime.datetime | None) -> datetime.datetime | None:
    return timezone.localtime(moment) if moment else None


DECIDED = ("lage", "beslutad", "beslutad_av", "skal", "gallrad")


def _decided(each: Any) -> tuple[Any, ...]:
    return (
        each.get_state_display(),
        _moment(each.decided_at),
        str(each.decided_by or ""),
        each.decided_reason,
        _moment(each.erased_at),
    )


VOICE_COLUMNS = ("nummer", "mottagen", "om", "svar", "ord", "roll", "stadsdelsomrade", *DECIDED)


def voice_rows(first: datetime.date | None, last: datetime.date | None) -> Iterator[Sequence[Any]]:
    """Readers' voices that came in these days."""
    found = Voice.objects.filter(_between(first, last)).order_by("received_at", "pk")
    related = found.select_related("item", "method", "instrument", "district", "decided_by")
    for each in related.iterator(chunk_size=BATCH):
        yield (
            each.pk,
            _moment(each.received_at),
            str(each.thing),
            each.get_answer_display(),
            each.text,
            each.get_role_display(),
            str(each.district or ""),
            *_decided(each),
        )


STORY_COLUMNS = (
    *("nummer", "mottagen", "vad", "rubrik", "text", "vad_andra_kan_lara", "undertecknad"),
    *("e_post", "godkande_publicering", "fragor", "publicerad_som", "atertagen", *DECIDED),
)


def story_rows(first: datetime.date | None, last: datetime.date | None) -> Iterator[Sequence[Any]]:
    """Stories that were offered in these days; of what was taken back, that it came and went."""
    found = StoryOffer.objects.filter(_between(first, last)).order_by("received_at", "pk")
    related = found.select_related("draft__item", "decided_by").prefetch_related("questions")
    for each in related.iterator(chunk_size=BATCH):
        yield (
            each.pk,
            _moment(each.received_at),
            each.get_kind_display(),
            each.title,
            each.text,
            each.learning,
            each.signature,
            each.email,
            _moment(each.consented_at),
            [f"{asked.text} – {asked.answer}" for asked in each.questions.all() if asked.text],
            each.item.pk if each.item else None,
            _moment(each.taken_back_at),
            *_decided(each),
        )


PROPOSAL_COLUMNS = ("nummer", "mottagen", "som_det_lamnades_in", "rubrik", *DECIDED)


def proposal_rows(
    first: datetime.date | None, last: datetime.date | None
) -> Iterator[Sequence[Any]]:
    """Knowledge gaps that visitors proposed in these days; not those from sources."""
    proposed = ~Q(received="") | Q(erased_at__isnull=False)
    found = Gap.objects.filter(_between(first, last), proposed).order_by("received_at", "pk")
    for each in found.select_related("decided_by").iterator(chunk_size=BATCH):
        yield (each.pk, _moment(each.received_at), each.received, each.title, *_decided(each))


# --- For the research council ---------------------------------------------------------------------

GAP_COLUMNS = (
    *("nummer", "fraga", "varfor", "teman", "antal_som_behover_veta", "lage", "tillagd"),
    *("kalla", "avsnitt_i_kallan", "svar", "svarets_adress", "adress", "exempel"),
)


def gap_row(gap: Any, whole: Callable[[str], str]) -> dict[str, Any]:
    """One line of the file. `gap.seen` is the number of the answer's item, if it may be seen."""
    answer = whole(reverse("library:number", args=[gap.seen])) if gap.seen else gap.answer_url
    values = (
        gap.pk,
        gap.title,
        gap.text,
        [theme.name for theme in gap.themes.all()],
        gap.supported,
        gap.get_state_display(),
        timezone.localdate(gap.received_at).isoformat(),
        str(gap.source or ""),
        gap.source_section,
        gap.answer_text,
        answer,
        whole(gap.get_absolute_url()),
        "ja" if gap.generated else "",
    )
    return dict(zip(GAP_COLUMNS, values, strict=True))
