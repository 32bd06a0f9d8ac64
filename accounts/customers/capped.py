"""How big a file may be, and the end of what is bigger."""

from django.core.files.uploadhandler import TemporaryFileUploadHandler

MOST_BYTES = 20 * 1024 * 1024


class CappedUpload(TemporaryFileUploadHandler):
    """Puts no more of a file on disk than it takes to see that it is too big."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start <= MOST_BYTES:
            super().receive_data_chunk(raw_data, start)
        return None
