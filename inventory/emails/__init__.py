"""Letters: messages to functions, digests, units told of each other, questions to units."""

from inventory.emails.adoptions import adoption_answered as adoption_answered
from inventory.emails.adoptions import adoption_asked as adoption_asked
from inventory.emails.adoptions import adoption_told as adoption_told
from inventory.emails.confirming import MOST_IN_LETTER as MOST_IN_LETTER
from inventory.emails.confirming import Asked as Asked
from inventory.emails.confirming import still_true as still_true
from inventory.emails.confirming import whom_to_ask as whom_to_ask
from inventory.emails.drafts import draft_declined as draft_declined
from inventory.emails.drafts import draft_for_manager as draft_for_manager
from inventory.emails.drafts import draft_published as draft_published
from inventory.emails.drafts import draft_returned as draft_returned
from inventory.emails.drafts import draft_submitted as draft_submitted
from inventory.emails.drafts import members as members
from inventory.emails.drafts import reuse_introduced as reuse_introduced
from inventory.emails.drafts import writers_of as writers_of
from inventory.emails.following import Item as Item
from inventory.emails.following import Section as Section
from inventory.emails.following import digest as digest
from inventory.emails.ideas import Side as Side
from inventory.emails.ideas import side_of as side_of
from inventory.emails.ideas import units_introduced as units_introduced
from inventory.emails.relays import EDITORS as EDITORS
from inventory.emails.relays import Relay as Relay
from inventory.emails.relays import function_of as function_of
from inventory.emails.relays import message_relayed as message_relayed
from inventory.emails.relays import relay_of as relay_of
