"""Versions of campaigns by id: they never change, so a process reads each once."""

from functools import lru_cache

from campaigns.models import CampaignVersion


@lru_cache(maxsize=4096)
def known_version(version_id: int) -> CampaignVersion:
    """A version with its campaign's code; texts of campaigns change and are not to be read here."""
    return CampaignVersion.objects.select_related("campaign").get(pk=version_id)
