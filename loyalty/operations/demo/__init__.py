"""The demonstration: invented members of three programs, and half a year of what they did (docs/demo.md)."""
