"""What is done to the inventory: one function per step, each with its history."""

from inventory.actions.documents import delete_document as delete_document
from inventory.actions.documents import document_saved as document_saved
from inventory.actions.documents import put_pages as put_pages
from inventory.actions.exports import order_file as order_file
from inventory.actions.exports import order_key as order_key
from inventory.actions.ideas import IdeaFacts as IdeaFacts
from inventory.actions.ideas import IdeaIsClosed as IdeaIsClosed
from inventory.actions.ideas import change_idea as change_idea
from inventory.actions.ideas import close_idea as close_idea
from inventory.actions.ideas import echo_idea as echo_idea
from inventory.actions.ideas import idea_became_project as idea_became_project
from inventory.actions.ideas import post_idea as post_idea
from inventory.actions.ideas import record_idea_change as record_idea_change
from inventory.actions.ideas import take_back_echo as take_back_echo
from inventory.actions.messages import receive_message as receive_message
from inventory.actions.publishing import PERSONAL_FIELDS as PERSONAL_FIELDS
from inventory.actions.publishing import Changes as Changes
from inventory.actions.publishing import confirm as confirm
from inventory.actions.publishing import history_of as history_of
from inventory.actions.publishing import publish as publish
from inventory.actions.publishing import publish_due as publish_due
from inventory.actions.publishing import record_change as record_change
from inventory.actions.publishing import restore as restore
from inventory.actions.publishing import withdraw as withdraw
