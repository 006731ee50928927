"""gunicorn's log lines, its main process's included, in the same format as all others."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from gunicorn import glogging

from accounts.identity.cedula import masked_in
from config.logs import lines

SAFE_IN_A_PATH = "/~!$&'()*+,;=:@"


def logger_class(log_format: str) -> type[glogging.Logger]:
    """Return the class for gunicorn's `logger_class`; `log_format` is one of `lines.FORMATS`."""

    class Logger(glogging.Logger):  # type: ignore[misc]  # the library is not typed
        def setup(self, cfg: Any) -> None:
            super().setup(cfg)
            for log in (self.error_log, self.access_log):
                for handler in log.handlers:
                    handler.setFormatter(lines.formatter(log_format))

        def access(
            self,
            resp: Any,
            req: Any,  # noqa: ARG002  gunicorn's own arguments
            environ: Mapping[str, str],
            request_time: timedelta,
        ) -> None:
            """Write one line for each response, without query and IP: they may tell who asked."""
            if not self.access_log_enabled:
                return
            line = access_line(resp.status, resp.headers, environ)
            seconds = round(request_time.total_seconds(), 3)
            self.access_log.info(
                "%s %s %s",
                *(line["method"], line["path"], line["status"]),
                extra={"fields": {**line, "seconds": seconds, "bytes": resp.sent}},
            )

    return Logger


def access_line(
    status: str | int, headers: list[tuple[str, str]], environ: Mapping[str, str]
) -> dict[str, str | int]:
    """Return the fields of the line; a cédula in the path is masked."""
    path = quote(environ["PATH_INFO"].encode("latin-1"), safe=SAFE_IN_A_PATH)
    sent = {name.lower(): value for name, value in headers}
    return {
        # From the header, because after a streamed response the id is no longer bound.
        "request_id": sent.get("x-request-id", ""),
        "method": environ["REQUEST_METHOD"],
        "path": masked_in(path),
        "status": int(str(status).split(maxsplit=1)[0]),
    }
