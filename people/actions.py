"""Changes to organisations."""

from django.db import transaction

from people.models import Lineage, Organisation, Succession
from search import catalogue

DISTRICT_FACET = "stadsdel"
# Not filtered by: they find what names an organisation, when it gets another name.
OWNER_FACET = "organisation"
PARTNER_FACET = "medverkande"


def lineage() -> set[tuple[int, int]]:
    """Pairs (ancestor, descendant) as the tree and the successions say; see people.Lineage."""
    covers: dict[int, set[int]] = {}
    organisations = list(Organisation.objects.values_list("pk", "parent_id"))
    for pk, parent in organisations:
        covers.setdefault(pk, set())
        if parent:
            covers.setdefault(parent, set()).add(pk)
    for predecessor, successor in Succession.objects.values_list("predecessor_id", "successor_id"):
        covers[successor].add(predecessor)

    pairs = set()
    for ancestor in covers:
        waiting, seen = [ancestor], set()
        while waiting:
            pk = waiting.pop()
            if pk not in seen:
                seen.add(pk)
                waiting.extend(covers[pk])
        pairs |= {(ancestor, descendant) for descendant in seen}
    return pairs


@transaction.atomic
def rebuild_lineage() -> None:
    """Make Lineage true again after organisations or successions changed.

    Side effects: names districts for filters; everything that a changed district covers is
    written again in the catalogue.
    """
    wanted = lineage()
    had = {row.pk: (row.ancestor_id, row.descendant_id) for row in Lineage.objects.all()}
    Lineage.objects.filter(pk__in=[pk for pk, pair in had.items() if pair not in wanted]).delete()
    new = wanted - set(had.values())
    Lineage.objects.bulk_create(
        [Lineage(ancestor_id=ancestor, descendant_id=pk) for ancestor, pk in new]
    )
    districts = Organisation.objects.districts()
    catalogue.label(DISTRICT_FACET, {district.slug: district.label for district in districts})
    moved = {pk for pair in new ^ (set(had.values()) - wanted) for pk in pair}
    slugs = districts.filter(covers__descendant__in=moved).values_list("slug", flat=True)
    catalogue.refresh_with(DISTRICT_FACET, set(slugs))
    # What had no district yet carries none to be found by.
    owners = Organisation.objects.filter(pk__in=moved).values_list("slug", flat=True)
    catalogue.refresh_with(OWNER_FACET, set(owners))


@transaction.atomic
def organisation_changed(*, organisation: Organisation, old_slug: str = "") -> None:
    """Let everything follow a changed organisation.

    Side effects: Lineage, the names of districts in filters, and the catalogue's rows of what it
    owns or covers.
    """
    if old_slug:
        catalogue.unlabel(DISTRICT_FACET, old_slug)
    rebuild_lineage()
    for facet in (DISTRICT_FACET, OWNER_FACET, PARTNER_FACET):
        catalogue.refresh_with(facet, {organisation.slug, old_slug})
