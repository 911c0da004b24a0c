"""The inventory: what districts have tried and run, what came of it, whom to ask."""

from inventory.models.adoptions import Adoption as Adoption
from inventory.models.adoptions import HowItWent as HowItWent
from inventory.models.drafts import Comment as Comment
from inventory.models.drafts import Draft as Draft
from inventory.models.drafts import Payload as Payload
from inventory.models.drafts import Submission as Submission
from inventory.models.drafts import UnitRules as UnitRules
from inventory.models.files import Document as Document
from inventory.models.files import Link as Link
from inventory.models.measures import Bar as Bar
from inventory.models.measures import Measure as Measure
from inventory.models.measures import MeasurePoint as MeasurePoint
from inventory.models.messages import Message as Message
from inventory.models.projects import Partner as Partner
from inventory.models.projects import Project as Project
from inventory.models.projects import ProjectQuerySet as ProjectQuerySet
from inventory.models.projects import PublicNumber as PublicNumber
from inventory.models.projects import years_active as years_active
