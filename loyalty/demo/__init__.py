"""The list of programs at /, and the mails of a demonstration."""
