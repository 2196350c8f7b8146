"""Kinds of effects that give a thing instead of value: given whole, taken back whole, counted in ``times`` only.

A thing goes when nothing of its event remains, or when the milestone that gave it is no longer reached. A new kind
needs its name here, its rules in ``campaigns.rules.things``, and whoever writes it in ``campaigns.services.things``.
"""

THING = "thing"  # the unit of all of them
# kind of effect → what its code is called in outcomes
NAMES = {"badge": "badge", "reward": "reward", "tier": "tier", "entry": "board"}
