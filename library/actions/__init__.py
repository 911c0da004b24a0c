"""Everything that changes the library."""

from library.actions.drafts import begin_draft as begin_draft
from library.actions.files import delete_file as delete_file
from library.actions.files import file_saved as file_saved
from library.actions.files import put_pages as put_pages
from library.actions.items import publish as publish
from library.actions.items import record_change as record_change
from library.actions.items import restore as restore
from library.actions.items import take_back as take_back
from library.actions.items import withdraw as withdraw
from library.actions.methods import WrongMove as WrongMove
from library.actions.methods import enter_workshop as enter_workshop
from library.actions.methods import move_stage as move_stage
from library.actions.methods import tool_changed as tool_changed
from library.actions.vocabularies import source_changed as source_changed
from library.actions.vocabularies import term_changed as term_changed
from library.actions.vocabularies import term_deleted as term_deleted
