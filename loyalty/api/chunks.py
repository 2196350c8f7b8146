"""Bodies that come in chunks, without saying their length beforehand: Django reads only those that say it."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

MOST = 10 * 1024 * 1024  # as settings.DATA_UPLOAD_MAX_MEMORY_SIZE; one byte more is refused as too large

type Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_length(application: Wsgi) -> Wsgi:
    """Give requests to the API their length, where the server knows the end of a body without it."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_api = environ.get("PATH_INFO", "").startswith("/api/")
        if is_api and environ.get("wsgi.input_terminated") and environ.get("HTTP_TRANSFER_ENCODING"):
            body = environ["wsgi.input"].read(MOST + 1)
            environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return application(environ, start_response)

    return serve
