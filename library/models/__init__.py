"""What the library keeps."""

from library.models.drafts import Draft as Draft
from library.models.files import ItemFile as ItemFile
from library.models.files import LinkCheck as LinkCheck
from library.models.instruments import Instrument as Instrument
from library.models.items import Item as Item
from library.models.methods import Grade as Grade
from library.models.methods import Method as Method
from library.models.methods import StageMove as StageMove
from library.models.methods import Tool as Tool
from library.models.vocabularies import Intervention as Intervention
from library.models.vocabularies import KnowledgeSource as KnowledgeSource
from library.models.vocabularies import Reader as Reader
from library.models.vocabularies import ServiceArea as ServiceArea
from library.models.vocabularies import Source as Source
from library.models.vocabularies import TargetGroup as TargetGroup
from library.models.vocabularies import Term as Term
from library.models.vocabularies import Theme as Theme
