"""Takes in what a form sends: in memory while small, then on disk, then not at all.

Whatever is too large is read to its end and thrown away, because a browser shows no answer before
it has sent everything; the form then says how large the file was, and keeps what else was typed.
"""

from tempfile import SpooledTemporaryFile
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

# What is not even read to its end. The web server in front should stop far below.
MOST_READ = 1024**3


class TooMuchSent(RequestDataTooBig):
    """So much that reading it to its end would serve nobody."""


class ReceivedFile(UploadedFile):
    """A file as it came. `left_out`: it was too large to keep, and is empty."""

    left_out = False


class Receiver(FileUploadHandler):
    """Keeps the files of one request as long as they are together no larger than the largest kind.

    The files have no name on the disk: nothing is left behind, also when the process is killed.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.room = max(settings.UPLOAD_MAX_BYTES.values())

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        """Turn away what is beyond all measure before it is read."""
        content_length = args[2]
        if content_length > MOST_READ:
            raise TooMuchSent

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins."""
        super().new_file(*args, **kwargs)
        self.kept = 0
        self.left_out = False
        self.file = self._empty()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep the next piece, or nothing of the file once there is no room for it."""
        if self.left_out:
            return
        if self.kept + len(raw_data) > self.room:
            self.left_out = True
            self.file.close()
            self.file = self._empty()
            return
        self.file.write(raw_data)
        self.kept += len(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        """The file, with the size that it had when it was sent."""
        self.file.seek(0)
        if not self.left_out:
            self.room -= self.kept
        received = ReceivedFile(
            self.file,
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )
        received.left_out = self.left_out
        return received

    def upload_interrupted(self) -> None:
        """The browser went away."""
        if file := getattr(self, "file", None):
            file.close()

    @staticmethod
    def _empty() -> Any:
        return SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE)
