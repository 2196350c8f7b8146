"""Logs: one JSON object a line, with the request's id; or plain lines for a person (``LOG_FORMAT=plain``)."""

import logging.config

import structlog
from structlog.typing import Processor

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]
# Where it went wrong, but not with what: local variables may be personal data or secrets.
FRAMES = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
JSON: list[Processor] = [structlog.processors.ExceptionRenderer(FRAMES), structlog.processors.JSONRenderer()]


def logging_settings(*, level: str, lines: str) -> None:
    """Send the standard library's and structlog's records to standard error, in one shape."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": _formatter(lines)},
            "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["console"], "level": level},
            "loggers": {"celery": {"level": "WARNING"}, "kombu": {"level": "WARNING"}},
        }
    )


def _formatter(lines: str) -> dict[str, object]:
    shape = JSON if lines == "json" else [structlog.dev.ConsoleRenderer(colors=False)]
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shape],
    }
