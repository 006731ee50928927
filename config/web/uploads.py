"""Refuse uploaded files before they are read: no form of the site has a file field."""

from typing import Any, NoReturn

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler


class UploadRefused(SuspiciousOperation):
    """A file was sent; Django answers 400 and logs it under django.security."""


class RefuseUploads(FileUploadHandler):
    """The only upload handler: without any, Django would read the whole file and discard it."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise UploadRefused("A file was sent, and no form takes one.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> NoReturn:  # noqa: ARG002
        raise UploadRefused("A file was sent, and no form takes one.")

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002
        return None
