"""What is done to the inventory: one function per step, each with its history."""

from inventory.actions.confirming import ask as ask
from inventory.actions.confirming import ask_again as ask_again
from inventory.actions.confirming import ask_due as ask_due
from inventory.actions.confirming import confirm as confirm
from inventory.actions.confirming import confirm_all as confirm_all
from inventory.actions.confirming import remind as remind
from inventory.actions.confirming import want_to_change as want_to_change
from inventory.actions.documents import delete_document as delete_document
from inventory.actions.documents import document_saved as document_saved
from inventory.actions.documents import put_pages as put_pages
from inventory.actions.exports import order_file as order_file
from inventory.actions.exports import order_key as order_key
from inventory.actions.following_up import AlreadyThere as AlreadyThere
from inventory.actions.following_up import add_point as add_point
from inventory.actions.following_up import end_project as end_project
from inventory.actions.messages import receive_message as receive_message
from inventory.actions.publishing import PERSONAL_FIELDS as PERSONAL_FIELDS
from inventory.actions.publishing import Changes as Changes
from inventory.actions.publishing import history_of as history_of
from inventory.actions.publishing import publish as publish
from inventory.actions.publishing import publish_due as publish_due
from inventory.actions.publishing import record_change as record_change
from inventory.actions.publishing import restore as restore
from inventory.actions.publishing import withdraw as withdraw
