"""The address of the program itself: home for members, an invitation for everybody else."""

from loyalty.portal.base import ProgramPage


class LandingPage(ProgramPage):
    """What the program is, how one earns, and the way in."""

    template_name = "portal/landing.html"
