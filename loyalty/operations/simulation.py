"""What people name to be simulated: a file, a campaign, a program."""

from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from campaigns.models import Campaign, CampaignVersion
from campaigns.services.trials import Draft, Trial, trial_of
from core.models import Program
from core.refusals import FieldError, Invalid
from loyalty.operations.program_file.checking import Document, check

RUNS = {Campaign.State.LIVE, Campaign.State.SCHEDULED}
APART = {"code", "state", "name", "text", "terms"}  # what a campaign is besides its definition


def moment_of(text: str, program: Program, name: str) -> datetime:
    """A moment: RFC 3339 with an offset, or a day that begins in the program's time zone. Raises Invalid."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        detail = _("Send a day as 2026-11-01, or a moment as 2026-11-01T00:00:00+08:00.")
        raise Invalid(detail, errors=[FieldError(f"/{name}", "invalid", detail)]) from None
    if found.tzinfo is None and found.time() != time():
        detail = _("Say the offset too, as in 2026-11-30T12:00:00+08:00.")
        raise Invalid(detail, errors=[FieldError(f"/{name}", "invalid", detail)])
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(program.timezone))


def trial_of_file(raw: bytes) -> tuple[Program, Trial]:
    """The program that a file is about, and the campaigns in which it differs from what is in force. Raises Invalid."""
    checked = check(raw)
    if checked.faults:
        errors = [FieldError(f"/{fault.path}", "invalid", fault.message) for fault in checked.faults]
        raise Invalid(_("The program file has errors."), errors=errors)
    code = checked.document["program"]["code"]
    program = Program.objects.filter(code=code).first()
    if program is None:
        detail = _("There is no program %(code)s: load it before it can be simulated.") % {"code": code}
        raise Invalid(detail, errors=[FieldError("/program", "unknown", detail)])
    return program, trial_of_document(program, checked.document)


def trial_of_document(program: Program, document: Document) -> Trial:
    """Campaigns of a checked document that are new or other than those in force, and those it does not run."""
    newest = CampaignVersion.objects.filter(campaign=OuterRef("pk")).order_by("-number")
    rows = Campaign.objects.filter(program=program, retired=False)
    stored = {row.code: row for row in rows.annotate(definition=Subquery(newest.values("definition")[:1]))}
    drafts, gone = [], set()
    for item in document["campaigns"]:
        definition = {key: value for key, value in item.items() if key not in APART}
        row = stored.pop(item["code"], None)
        runs = row is not None and row.state in RUNS
        if item.get("state") in {Campaign.State.PAUSED, Campaign.State.ENDED}:
            gone |= {item["code"]} if runs else set()
        elif row is None or row.definition != definition:
            drafts.append(Draft(item["code"], definition))
    gone |= {code for code, row in stored.items() if row.state in RUNS}
    return Trial(tuple(drafts), frozenset(gone))


def named(name: str, program_code: str | None) -> tuple[Program, Trial]:
    """What a name stands for: a file, else a campaign (of a program), else a whole program. Raises Invalid."""
    file = Path(name)
    if file.is_file():
        return trial_of_file(file.read_bytes())
    campaigns = Campaign.objects.filter(code=name).select_related("program")
    found = list(campaigns.filter(program__code=program_code) if program_code else campaigns)
    if len(found) == 1:
        return found[0].program, trial_of(found[0])
    if found:
        codes = ", ".join(sorted(row.program.code for row in found))
        raise _unknown(_("Several programs have a campaign of this code; say which one: %(codes)s") % {"codes": codes})
    program = Program.objects.filter(code=name).first()
    if program is None:
        raise _unknown(_("There is no file, campaign or program %(name)s.") % {"name": name})
    return program, Trial()


def _unknown(detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError("/campaign", "unknown", detail)])
