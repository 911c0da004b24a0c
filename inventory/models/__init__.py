"""The inventory: what districts have tried and run, what came of it, whom to ask."""

from inventory.models.confirming import Inquiry as Inquiry
from inventory.models.confirming import InquiryEntry as InquiryEntry
from inventory.models.files import Document as Document
from inventory.models.files import Link as Link
from inventory.models.following import LONGEST_QUERY as LONGEST_QUERY
from inventory.models.following import DigestSetting as DigestSetting
from inventory.models.following import Follow as Follow
from inventory.models.following import Frequency as Frequency
from inventory.models.following import next_day as next_day
from inventory.models.ideas import Echo as Echo
from inventory.models.ideas import Idea as Idea
from inventory.models.ideas import IdeaQuerySet as IdeaQuerySet
from inventory.models.ideas import Introduction as Introduction
from inventory.models.measures import Bar as Bar
from inventory.models.measures import Measure as Measure
from inventory.models.measures import MeasurePoint as MeasurePoint
from inventory.models.messages import Message as Message
from inventory.models.projects import Partner as Partner
from inventory.models.projects import Project as Project
from inventory.models.projects import ProjectQuerySet as ProjectQuerySet
from inventory.models.projects import PublicNumber as PublicNumber
from inventory.models.projects import years_active as years_active
