"""A program as one YAML file: read, judged, compared with the database, applied, and written again."""
