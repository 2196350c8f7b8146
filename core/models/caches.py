"""What all processes share for a short while: how often somebody tried, which one-time codes are used up."""

from django.db import models


class CacheEntry(models.Model):
    """A row of Django's cache; the columns are its own. The table is unlogged: after a crash it is empty."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        """Named in ``settings.CACHES``."""

        db_table = "core_cache"
