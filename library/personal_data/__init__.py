"""What the library keeps about people."""

from library.personal_data import drafts as drafts
from library.personal_data import reading_lists as reading_lists
from library.personal_data import received as received
