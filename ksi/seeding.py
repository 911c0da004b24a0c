"""The portal's first content: data files in ksi/seed/, written from the source documents.

What exists already is left alone, so that loading again duplicates nothing and undoes nothing
that curators have changed.
"""

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django import forms
from django.db import models, transaction

from core.models import AuditEntry, Edition
from inventory import actions
from inventory import search as inventory_search
from inventory.models import (
    Link,
    Measure,
    MeasurePoint,
    Partner,
    Project,
    PublicNumber,
)
from library import search as library_search
from library.actions import enter_workshop
from library.models import (
    Instrument,
    Intervention,
    KnowledgeSource,
    Method,
    Reader,
    ServiceArea,
    Source,
    TargetGroup,
    Theme,
)
from people.actions import rebuild_lineage
from people.models import Organisation, Succession
from search.actions import words_changed
from search.forms import CompoundOverrideForm, ProtectedWordForm, SynonymsForm
from search.models import Synonyms, Word, lines

# So that the history of everything in the portal begins with where it came from.
LOADED = "Inläst från källdokumenten."
LOADED_WORDS = "Inläst från den första ordlistan."

SEED_DIR = Path(__file__).parent / "seed"

VOCABULARIES: dict[str, type[models.Model]] = {
    "service_area": ServiceArea,
    "theme": Theme,
    "intervention": Intervention,
    "target_group": TargetGroup,
    "knowledge_source": KnowledgeSource,
    "reader": Reader,
}
MANY_TO_MANY: dict[str, type[models.Model]] = {
    "service_areas": ServiceArea,
    "themes": Theme,
    "interventions": Intervention,
    "target_groups": TargetGroup,
    "methods": Method,
    "instruments": Instrument,
    "co_owners": Organisation,
}

TOOLS: dict[str, type[Method] | type[Instrument]] = {"instrument": Instrument, "method": Method}
TOOL_WORDS = ("themes", "service_areas", "instruments")

Say = Callable[[str], Any]


def read(name: str) -> dict[str, Any]:
    """One data file."""
    return tomllib.loads((SEED_DIR / name).read_text(encoding="utf-8"))


def project_files() -> list[dict[str, Any]]:
    """The projects' data, in number order."""
    paths = sorted((SEED_DIR / "projects").glob("*.toml"))
    return [read(f"projects/{path.name}") for path in paths]


@transaction.atomic
def load_ground() -> int:
    """The search's words, organisations, vocabularies, sources, methods and instruments.

    Returns how many are new.
    """
    made = _load_words()
    made += _load_organisations()
    for name, model in VOCABULARIES.items():
        made += sum(_make(model, row) for row in read("vocabularies.toml")[name])
    made += sum(_make(Source, _related(row)) for row in read("sources.toml")["source"])
    # Methods name instruments, which must be there.
    for name, model in TOOLS.items():
        made += sum(_make_tool(model, row) for row in read(f"{name}s.toml")[name])
    if made:
        for room in (inventory_search, library_search):
            room.label_choices()
            room.label_vocabularies()
    return made


def _make(model: type[models.Model], row: dict[str, Any]) -> bool:
    """Create the row unless its slug exists, and tell where it came from."""
    slug = row["slug"]
    defaults = {key: value for key, value in row.items() if key != "slug"}
    obj, made = model._default_manager.get_or_create(slug=slug, defaults=defaults)
    if made:
        AuditEntry.record("skapad", obj, by=None, reason=LOADED)
    return made


def _make_tool(model: type[Method] | type[Instrument], row: dict[str, Any]) -> bool:
    """A method or an instrument with its words; of a method, how it came to its first stage."""
    row = _related(row)
    words = {field: row.pop(field, []) for field in TOOL_WORDS}
    since, reason = row.pop("stage_since", None), row.pop("stage_reason", LOADED)
    if not _make(model, row):
        return False
    tool: Any = model._default_manager.get(slug=row["slug"])
    for field, slugs in words.items():
        if slugs:
            getattr(tool, field).set(named(MANY_TO_MANY[field], slugs, f"{tool}: {field}"))
    if isinstance(tool, Method):
        enter_workshop(method=tool, reason=reason, by=None, date=since)
    return True


def named(model: type[models.Model], slugs: list[str], where: str) -> list[models.Model]:
    """The rows that these slugs name. Raises ValueError for one that names none."""
    found = list(model._default_manager.filter(slug__in=slugs))
    if missing := set(slugs) - {term.slug for term in found}:  # type: ignore[attr-defined]
        raise ValueError(f"{where} {sorted(missing)} finns inte.")
    return found


def _related(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its slugs replaced by what they name. Raises DoesNotExist for a wrong slug."""
    row = dict(row)
    for key, model in {"publisher": Organisation, "source": Source, "lead": Organisation}.items():
        if key in row:
            row[key] = model._default_manager.get(slug=row[key])
    return row


# How each list of words.toml is written; the forms hold it to what they ask of curators.
WORDS: dict[str, tuple[type[forms.ModelForm], dict[str, str]]] = {
    "synonyms": (SynonymsForm, {"words": "\n", "leads_to": "\n"}),
    "protected": (ProtectedWordForm, {"forms": "\n"}),
    "compound": (CompoundOverrideForm, {"parts": " "}),
}


def _load_words() -> int:
    """The first words of the search, into lists that nobody has begun; returns how many.

    Raises ValueError for a row that a curator could not have written.
    """
    if not (SEED_DIR / "words.toml").exists():
        return 0
    made: list[Any] = []
    for name, rows in read("words.toml").items():
        form_class, joined = WORDS[name]
        if _is_untouched(form_class._meta.model):
            made += [_make_words(form_class, row, joined) for row in rows]
    if made:
        Edition.raise_number()
        if Word.objects.exists():
            read_anew = [obj for obj in made if not isinstance(obj, Synonyms)]
            words_changed(
                words={
                    word
                    for obj in read_anew
                    for word in (obj.word, *lines(getattr(obj, "forms", "")))
                }
            )
        else:
            Word.objects.bulk_create(analysed_forms(), batch_size=500)
    return len(made)


def analysed_forms() -> Iterator[Word]:
    """What the words of the first content become, as it was worked out when they were written.

    Working it out again would take a new portal half a minute. Made anew from search.Word after
    `prepare` in an empty folder without the file.
    """
    for line in (SEED_DIR / "forms.tsv").read_text(encoding="utf-8").splitlines():
        form, key, *parts = line.split("\t")
        yield Word(form=form, key=key, parts=" ".join(parts))


def _is_untouched(model: type[models.Model]) -> bool:
    """Whether nothing is there or ever was: what curators have taken away stays away."""
    told = AuditEntry.objects.filter(app_model=model._meta.label_lower)
    return not (model._default_manager.exists() or told.exists())


def _make_words(
    form_class: type[forms.ModelForm], row: dict[str, Any], joined: dict[str, str]
) -> models.Model:
    fields = {
        key: joined[key].join(value) if key in joined else value for key, value in row.items()
    }
    form = form_class(fields)
    if not form.is_valid():
        told = " ".join(str(each) for errors in form.errors.values() for each in errors)
        raise ValueError(f"words.toml, {row}: {told}")
    obj = form.save()
    AuditEntry.record("skapad", obj, by=None, reason=LOADED_WORDS)
    return obj


def _load_organisations() -> int:
    data = read("organisations.toml")
    parents = {row["slug"]: row.pop("parent", None) for row in data["organisation"]}
    new = [row["slug"] for row in data["organisation"] if _make(Organisation, row)]
    by_slug = {organisation.slug: organisation for organisation in Organisation.objects.all()}
    for slug in new:
        if parent := parents[slug]:
            by_slug[slug].parent = by_slug[parent]
            by_slug[slug].save(update_fields=["parent"])
    for row in data.get("succession", []):
        if {row["predecessor"], row["successor"]} & set(new):
            Succession.objects.get_or_create(
                predecessor=by_slug[row["predecessor"]],
                successor=by_slug[row["successor"]],
                defaults={"date": row["date"]},
            )
    if new:
        rebuild_lineage()
    return len(new)


@transaction.atomic
def load_projects() -> int:
    """The projects that are not there yet; returns how many were new."""
    files = project_files()
    known = set(Project.objects.values_list("public_id", flat=True))
    new = {row["public_id"]: row for row in files if row["public_id"] not in known}
    # The highest number first, so that the first in the files stand as the newest in lists.
    made = {number: _make_project(new[number]) for number in sorted(new, reverse=True)}
    for number, project in made.items():
        project.inspired_by.set(
            Project.objects.filter(public_id__in=new[number].get("inspired_by", []))
        )
        actions.publish(project=project, by=None, reason=LOADED)
    return len(made)


def _make_project(row: dict[str, Any]) -> Project:
    """A project with its measures, partners and links, saved but not yet in the catalogue."""
    row = _related(row)
    row.pop("inspired_by", None)
    slugs = {field: row.pop(field, []) for field in MANY_TO_MANY}
    partners, measures = row.pop("partners", []), row.pop("measures", [])
    links = row.pop("links", [])
    project = Project(**{key: _clean(value) for key, value in row.items()})
    project.full_clean(exclude=["public_id"])
    project.save()
    PublicNumber.passed(project.public_id)
    for field, wanted in slugs.items():
        found = named(MANY_TO_MANY[field], wanted, f"{project.title}: {field}")
        getattr(project, field).set(found)
    for partner in partners:
        organisation = Organisation.objects.get(slug=partner["organisation"])
        Partner.objects.create(project=project, organisation=organisation, role=partner["role"])
    for fields in measures:
        points = fields.pop("points", [])
        measure = Measure.objects.create(project=project, **fields)
        MeasurePoint.objects.bulk_create(MeasurePoint(measure=measure, **point) for point in points)
    Link.objects.bulk_create(Link(project=project, **link) for link in links)
    return project


def _clean(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
