"""No form of ours takes a file: one that comes all the same is refused before it is read."""

from typing import Any, NoReturn

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler


class UploadRefused(SuspiciousOperation):
    """Somebody sent a file; Django answers 400 and logs it under django.security."""


class RefuseUploads(FileUploadHandler):
    """The only upload handler: with none at all Django would read the file to throw it away."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise UploadRefused("A file was sent, and no form takes one.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> NoReturn:  # noqa: ARG002
        raise UploadRefused("A file was sent, and no form takes one.")

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002
        return None
