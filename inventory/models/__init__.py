"""The inventory: what districts have tried and run, what came of it, whom to ask."""

from inventory.models.confirming import Inquiry as Inquiry
from inventory.models.confirming import InquiryEntry as InquiryEntry
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
