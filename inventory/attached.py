"""The files of a draft as somebody reads of them: its unit as they are, curators as handed in."""

from collections.abc import Iterable
from dataclasses import dataclass

from inventory.models import Document, Draft, DraftFile, Submission

State = Draft.State


@dataclass(frozen=True)
class Attached:
    """What comes with a draft; of a revision also what is published, and what becomes of it."""

    files: list[DraftFile]
    dropped: list[Document]
    kept: list[Document]

    def __bool__(self) -> bool:
        return bool(self.files or self.dropped or self.kept)

    @property
    def changes(self) -> int:
        """How many files would be added or taken away."""
        return len(self.files) + len(self.dropped)

    @classmethod
    def of(cls, draft: Draft) -> "Attached":
        """As its unit has left it."""
        dropped = draft.dropped.values_list("pk", flat=True) if draft.is_revision else ()
        return cls._with(draft, draft.files.attached(), set(dropped))

    @classmethod
    def handed_in(cls, draft: Draft) -> "Attached":
        """As curators read it: what was handed in, until it is handed in again."""
        if draft.state in (State.SUBMITTED, State.PUBLISHED, State.DECLINED):
            return cls.of(draft)
        last = draft.submissions.last()
        if last is None:
            return cls([], [], [])
        keys = [row["pk"] for row in last.files]
        return cls._with(
            draft, draft.files.filter(pk__in=keys), {row["pk"] for row in last.dropped}
        )

    @classmethod
    def _with(cls, draft: Draft, files: Iterable[DraftFile], dropped: set[int]) -> "Attached":
        there = list(draft.project.documents.all()) if draft.is_revision and draft.project else []
        return cls(
            list(files),
            [row for row in there if row.pk in dropped],
            [row for row in there if row.pk not in dropped],
        )


def differ(before: Submission, after: Submission) -> bool:
    """Whether other files came with the one submission than with the other."""
    return (before.files, before.dropped) != (after.files, after.dropped)
