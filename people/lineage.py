"""Which organisation covers which, and the facets by which what they do is found."""

from collections.abc import Iterable

from people.models import Organisation, Succession

DISTRICT_FACET = DISTRICT_KIND = "stadsdel"
# Not filtered by: they find what names an organisation, when it gets another name.
OWNER_FACET = "organisation"
PARTNER_FACET = "medverkande"

Pair = tuple[int, int]


def closure(tree: Iterable[tuple[int, int | None]], successions: Iterable[Pair]) -> set[Pair]:
    """Pairs (ancestor, descendant) of organisations with their parents, and (predecessor,
    successor).
    """
    covers: dict[int, set[int]] = {}
    for pk, parent in tree:
        covers.setdefault(pk, set())
        if parent is not None:
            covers.setdefault(parent, set()).add(pk)
    for predecessor, successor in successions:
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


def tree() -> dict[int, int | None]:
    """Organisation → what it is part of, by keys."""
    return dict(Organisation.objects.values_list("pk", "parent_id"))


def successions() -> set[Pair]:
    """Pairs (predecessor, successor) of keys."""
    return set(Succession.objects.values_list("predecessor_id", "successor_id"))


def lineage() -> set[Pair]:
    """Pairs (ancestor, descendant) as the tree and the successions say; see people.Lineage."""
    return closure(tree().items(), successions())
