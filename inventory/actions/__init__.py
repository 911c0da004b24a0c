"""What is done to the inventory: one function per step, each with its history."""

from inventory.actions.documents import delete_document as delete_document
from inventory.actions.documents import document_saved as document_saved
from inventory.actions.documents import put_pages as put_pages
from inventory.actions.exports import order_file as order_file
from inventory.actions.exports import order_key as order_key
from inventory.actions.following import TooManyFollows as TooManyFollows
from inventory.actions.following import change_frequency as change_frequency
from inventory.actions.following import digests_due as digests_due
from inventory.actions.following import follow as follow
from inventory.actions.following import send_digest as send_digest
from inventory.actions.following import unfollow as unfollow
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
