"""Projects as rows of files. The column names are documented in docs/addresses.md and stay."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from core.text import plain, sort_key
from inventory.models import Adoption, Comment, FileKind, Idea, Message, Project, Submission
from inventory.search import districts_of
from inventory.silence_reports import Silence
from library.models import seen_with

# Projects read at once: keeps the memory of an export the same whatever its size.
BATCH = 250

COLUMNS: dict[str, Callable[[Project], Any]] = {
    "lopnummer": lambda project: project.public_id,
    "typ": lambda project: project.get_kind_display(),
    "namn": lambda project: project.title,
    "kort_pa_latt_svenska": lambda project: project.plain_summary,
    "lage": lambda project: project.get_status_display(),
    "start": lambda project: project.start_date,
    "slut": lambda project: project.end_date,
    "ansvarig": lambda project: project.lead.name,
    "ovriga_agare": lambda project: _names(project.co_owners),
    "medverkande": lambda project: [str(partner) for partner in project.partners.all()],
    "verksamhetsomraden": lambda project: _names(project.service_areas),
    "teman": lambda project: _names(project.themes),
    "insatser": lambda project: _names(project.interventions),
    "malgrupper": lambda project: _names(project.target_groups),
    "metoder": lambda project: _tools(project, project.methods),
    "instrument": lambda project: _tools(project, project.instruments),
    "behov": lambda project: project.need,
    "vad_gors": lambda project: plain(project.activities),
    "medverkan": lambda project: project.get_user_involvement_display(),
    "uppfoljning": lambda project: project.get_evaluation_display(),
    "resultat": lambda project: plain(project.results),
    "vad_fungerade_inte": lambda project: plain(project.what_failed),
    "rad_till_nasta": lambda project: plain(project.advice),
    "matt": lambda project: [_measure(measure) for measure in project.measures.all()],
    "antal_nadda": lambda project: project.reach_actual,
    "kostnad_kronor": lambda project: project.cost_total,
    "finansiering": lambda project: project.funding,
    "kontakt": lambda project: project.contact_function,
    "senast_bekraftad": lambda project: project.last_confirmed_at,
    "kalla": lambda project: str(project.source) if project.source else "",
    "avsnitt_i_kallan": lambda project: project.source_section,
    "exempel": lambda project: "ja" if project.generated else "",
}


def _names(related: Any) -> list[str]:
    return [term.name for term in related.all()]


def _tools(project: Project, related: Any) -> list[str]:
    return [tool.name for tool in seen_with(related.all(), project.visibility)]


def _measure(measure: Any) -> str:
    points = [
        f"{point.date}: {point.value.normalize():f} {measure.unit}"
        + (f" (n = {point.n})" if point.n else "")
        for point in measure.points.all()
    ]
    return f"{measure.indicator}: {', '.join(points)}"


def projects_by_number(public_ids: Iterable[int]) -> Iterator[Project]:
    """The projects with all that a row shows, in the given order, a batch at a time."""
    waiting = iter(public_ids)
    while batch := list(islice(waiting, BATCH)):
        found = {
            project.public_id: project
            for project in Project.objects.with_everything().filter(public_id__in=batch)
        }
        yield from (found.pop(number) for number in batch if number in found)


def row(project: Project) -> dict[str, Any]:
    """One line of a table."""
    return {name: value(project) for name, value in COLUMNS.items()}


def schema_org(project: Project, address: str) -> dict[str, Any]:
    """The project as linked data with schema.org's words; what is unknown is left out."""
    made: dict[str, Any] = {
        "@type": "ResearchProject" if project.evaluation == "forskning" else "Project",
        "@id": address,
        "identifier": project.public_id,
        "name": project.title,
        "description": project.plain_summary,
        "foundingDate": str(project.start_date or ""),
        "dissolutionDate": str(project.end_date or ""),
        "parentOrganization": [
            {"@type": "Organization", "name": owner.name} for owner in project.owners
        ],
        "member": [
            {"@type": "Organization", "name": partner.organisation.name}
            for partner in project.partners.all()
        ],
        "knowsAbout": _names(project.themes) + _names(project.interventions),
        "funding": project.funding,
        "additionalProperty": [
            {
                "@type": "PropertyValue",
                "name": measure.indicator,
                "unitText": measure.unit,
                "value": float(point.value),
                "observationDate": str(point.date),
            }
            for measure in project.measures.all()
            for point in measure.points.all()
        ],
        "citation": str(project.source) if project.source else "",
    }
    return {name: value for name, value in made.items() if value not in ("", [], None)}


# --- Needs, for the research unit -----------------------------------------------------------------

NEED_COLUMNS = (
    *("ar", "stadsdelsomrade", "nummer", "rubrik", "beskrivning", "enhet", "kontakt"),
    *("verksamhetsomraden", "teman", "antal_vi_ocksa", "enheter_vi_ocksa", "lage", "skal"),
    *("projektets_lopnummer", "upplagd", "avslutad"),
)


def need_rows(needs: Iterable[Idea]) -> Iterator[dict[str, Any]]:
    """Needs by year and district, then in the order in which they were told.

    One for each: a need of a unit whose district was merged stands under today's district.
    """
    needs = list(needs)
    districts = districts_of({need.organisation_id for need in needs})

    def place(need: Idea) -> str:
        covering = districts.get(need.organisation_id, [])
        today = [each for each in covering if each.is_current] or covering
        return "; ".join(sorted((each.label for each in today), key=sort_key))

    def order(need: Idea) -> tuple[Any, ...]:
        return (_year(need), sort_key(place(need)), need.created_at, need.pk)

    for need in sorted(needs, key=order):
        joined = [echo.organisation.name for echo in need.echoes.all()]
        yield dict(
            zip(
                NEED_COLUMNS,
                (
                    _year(need),
                    place(need),
                    need.pk,
                    need.title,
                    need.text,
                    need.organisation.name,
                    need.contact_function,
                    _names(need.service_areas),
                    _names(need.themes),
                    len(joined),
                    joined,
                    need.get_state_display(),
                    need.closed_reason,
                    need.project.public_id if need.project else None,
                    timezone.localdate(need.created_at),
                    timezone.localdate(need.closed_at) if need.closed_at else None,
                ),
                strict=True,
            )
        )


def _year(need: Idea) -> int:
    return timezone.localdate(need.created_at).year


# --- For the registrator --------------------------------------------------------------------------

MESSAGE_COLUMNS = (
    *("nummer", "mottaget", "lopnummer", "projekt", "skickat_till", "namn", "e_post"),
    *("meddelande", "mejlets_lage", "gallrat"),
)


def message_rows(
    first: datetime.date | None, last: datetime.date | None
) -> Iterator[Sequence[Any]]:
    """Messages to functions received from the one day to the other, the oldest first."""
    found = Message.objects.select_related("project", "mail").order_by("received_at", "pk")
    found = found.filter(_between("received_at", first, last))
    for message in found.iterator(chunk_size=BATCH):
        yield (
            message.pk,
            timezone.localtime(message.received_at),
            message.project.public_id,
            message.project.title,
            message.sent_to_function,
            message.name,
            message.email,
            message.text,
            message.mail.get_state_display() if message.mail else "",
            timezone.localtime(message.erased_at) if message.erased_at else None,
        )


SUBMISSION_COLUMNS = (
    *("nummer", "inlamnat", "utkast", "inlamning", "enhet", "namn", "lopnummer", "inlamnat_av"),
    *("svar", "filer", "filer_som_tas_bort"),
)


def submission_rows(
    first: datetime.date | None, last: datetime.date | None
) -> Iterator[Sequence[Any]]:
    """What units handed in from the one day to the other, as it was handed in."""
    found = Submission.objects.filter(_between("submitted_at", first, last))
    found = found.select_related("draft__unit", "draft__project", "submitted_by")
    for each in found.order_by("submitted_at", "pk").iterator(chunk_size=BATCH):
        yield (
            each.pk,
            timezone.localtime(each.submitted_at),
            each.draft_id,
            each.number,
            str(each.draft.unit),
            (each.payload.get("title") or [""])[0],
            each.draft.project.public_id if each.draft.project else None,
            str(each.submitted_by or ""),
            each.payload,
            [_file_told(each.draft_id, file) for file in each.files],
            [file["title"] for file in each.dropped],
        )


def _file_told(draft: int, file: dict[str, Any]) -> str:
    """What was told of a file when it was handed in, and where it is fetched while it is kept."""
    kind = dict(FileKind.choices).get(file["kind"], file["kind"])
    address = reverse("inventory:draft-file", args=[draft, file["pk"]])
    return f"{file['title']} ({kind}, {file['visibility']}): {settings.PORTAL_URL}{address}"


COMMENT_COLUMNS = (
    *("nummer", "skriven", "utkast", "enhet", "fraga", "kommentar", "skriven_av"),
    *("svar", "besvarad", "besvarad_av"),
)


def comment_rows(
    first: datetime.date | None, last: datetime.date | None
) -> Iterator[Sequence[Any]]:
    """Curators' comments written from the one day to the other, with the units' answers."""
    found = Comment.objects.filter(_between("written_at", first, last))
    found = found.select_related("draft__unit", "written_by", "answered_by")
    for each in found.order_by("written_at", "pk").iterator(chunk_size=BATCH):
        yield (
            each.pk,
            timezone.localtime(each.written_at),
            each.draft_id,
            str(each.draft.unit),
            each.question,
            each.text,
            str(each.written_by or ""),
            each.answer,
            timezone.localtime(each.answered_at) if each.answered_at else None,
            str(each.answered_by or ""),
        )


ADOPTION_COLUMNS = (
    *("nummer", "sagt", "enhet", "lopnummer", "halsning", "sagt_av", "efter_6", "efter_12"),
)


def adoption_rows(
    first: datetime.date | None, last: datetime.date | None
) -> Iterator[Sequence[Any]]:
    """Units that said in these days that they want to do likewise, and how it went."""
    found = Adoption.objects.filter(_between("begun_at", first, last))
    found = found.select_related("unit", "project", "begun_by").prefetch_related("answers")
    for each in found.order_by("begun_at", "pk").iterator(chunk_size=BATCH):
        went = {told.months: told for told in each.answers.all()}
        yield (
            each.pk,
            timezone.localtime(each.begun_at),
            str(each.unit),
            each.project.public_id,
            each.text,
            str(each.begun_by or ""),
            *(
                f"{went[months].get_answer_display()} {went[months].text}".strip()
                if months in went
                else ""
                for months in Adoption.ASKED_AFTER
            ),
        )


def _between(field: str, first: datetime.date | None, last: datetime.date | None) -> Q:
    """Moments from the first to the last day, inclusive."""
    found = Q()
    if first:
        found &= Q(**{f"{field}__gte": _midnight(first)})
    if last:
        found &= Q(**{f"{field}__lt": _midnight(last + datetime.timedelta(days=1))})
    return found


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


# --- For curators ---------------------------------------------------------------------------------

SILENCE_COLUMNS: dict[str, Callable[[Silence], Any]] = {
    "stadsdel": lambda row: row.district,
    "enhet": lambda row: row.inquiry.unit.name,
    "lage": lambda row: row.state,
    "fragad_sedan": lambda row: timezone.localdate(row.inquiry.asked_at),
    "senaste_mejl": lambda row: timezone.localdate(row.inquiry.mailed_at),
    "paminnelser": lambda row: row.inquiry.reminders,
    "skickat_till": lambda row: row.sent_to,
    "uppgifter": lambda row: row.asked,
    "obesvarade": lambda row: row.waiting,
}


def silence_row(silence: Silence) -> dict[str, Any]:
    """One line of the table of units that have not answered."""
    return {name: value(silence) for name, value in SILENCE_COLUMNS.items()}
