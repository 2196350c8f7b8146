"""Where mails go: to a mail server named by ``EMAIL_URL``, or into files for a person to read."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

SECONDS = 15
PORTS = {"smtp": 25, "smtps": 465}


def mailers(url: str, folder: Path) -> dict[str, dict[str, object]]:
    """Django's mailers. ``smtp://user:password@host:587/?tls=1`` or ``smtps://…``; without a URL: files in a folder."""
    if not url:
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"default": {"BACKEND": backend, "OPTIONS": {"file_path": str(folder)}}}
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("EMAIL_URL is written like smtp://user:password@host:587/?tls=1 or smtps://user:password@host")
    options = {
        "host": parts.hostname,
        "port": parts.port or PORTS[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parse_qs(parts.query).get("tls") == ["1"],
        "use_ssl": parts.scheme == "smtps",
        "timeout": SECONDS,
    }
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
