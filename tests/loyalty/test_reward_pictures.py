"""Pictures of rewards come from the office: judged, drawn anew, shown to members, and gone from nowhere by mistake."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from loyalty.display.rewards import picture
from rewards.models import Reward
from rewards.rules.pictures import LONGEST, MOST_BYTES, PictureFault, drawn_anew
from rewards.services.pictures import keep_picture
from rewards.tasks import forget_pictures
from tests.campaigns.world import World
from tests.loyalty.people import office_client
from tests.rewards.catalogue import catalogue_world, reward

PAGE = "/office/rewards/reward/{}/change/"
TURNED, MAKER = 0x0112, 0x010F  # tags of Exif


def image(size: tuple[int, int] = (1600, 900), form: str = "PNG", **more: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, format=form, **more)
    return file.getvalue()


@pytest.fixture
def own(db: None, settings: Settings, tmp_path: Path) -> Reward:
    """A reward that was made in the office."""
    settings.MEDIA_ROOT = tmp_path
    world: World = catalogue_world(reward("coffee", "Coffee"))
    Reward.objects.filter(program=world.program).update(from_file=False)
    return Reward.objects.get(program=world.program, code="coffee")


def send(client: Client, row: Reward, raw: bytes) -> Any:
    """The form as it stands, with a file."""
    form = client.get(PAGE.format(row.pk)).context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    said = {name: value for name, value in data.items() if value not in {None, False} and name != "upload"}
    said["outlets"] = ",".join(row.outlets)
    return client.post(PAGE.format(row.pk), {**said, "upload": SimpleUploadedFile("tea.png", raw)})


def test_a_picture_is_drawn_anew_and_shown_to_members(own: Reward, client: Client) -> None:
    office = office_client()
    assert send(office, own, image()).status_code == 302
    own.refresh_from_db()
    address = picture(own)
    answer = client.get(address)
    with Image.open(io.BytesIO(answer.getvalue())) as shown:
        assert (shown.format, shown.size) == ("WEBP", (LONGEST, 450))
    assert (address, answer["Content-Type"]) == (f"/media/{own.picture}", "image/webp")
    assert "immutable" in answer["Cache-Control"]
    assert f'<img src="{address}"' in office.get(PAGE.format(own.pk)).text


def test_the_same_picture_is_kept_once(own: Reward, tmp_path: Path) -> None:
    office = office_client()
    for _ in range(2):
        send(office, own, image())
    assert len(list(tmp_path.rglob("*.webp"))) == 1


def test_a_file_that_was_left_half_written_is_written_again(own: Reward, tmp_path: Path) -> None:
    office = office_client()
    send(office, own, image())
    (file,) = tmp_path.rglob("*.webp")
    whole = file.read_bytes()
    file.write_bytes(whole[:10])
    send(office, own, image())
    assert file.read_bytes() == whole


def test_what_a_camera_writes_into_a_picture_is_not_kept() -> None:
    exif = Image.Exif()
    exif[TURNED], exif[MAKER] = 6, "Camera of Ann"
    with Image.open(io.BytesIO(drawn_anew(image((1000, 500), "JPEG", exif=exif)))) as kept:
        assert (kept.size, dict(kept.getexif())) == ((400, 800), {})


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no-picture"),
        (image()[:200], "no-picture"),
        (image(form="GIF"), "no-picture"),
        (image((6000, 6000)), "too-wide"),
        (bytes(MOST_BYTES + 1), "too-large"),
    ],
    ids=["svg", "cut", "gif", "bomb", "large"],
)
def test_what_is_no_picture_is_refused_with_a_reason_and_nothing_changes(
    own: Reward, tmp_path: Path, raw: bytes, why: str
) -> None:
    with pytest.raises(PictureFault) as fault:
        drawn_anew(raw)
    assert fault.value.code == why
    answer = send(office_client(), own, raw)
    assert answer.context["errors"]
    own.refresh_from_db()
    assert (own.picture, list(tmp_path.rglob("*"))) == ("", [])


def test_a_picture_of_another_installation_is_the_cover_until_it_is_there(own: Reward) -> None:
    own.picture = f"pictures/{'0' * 32}.webp"
    assert picture(own) == ""


@pytest.mark.parametrize("name", [f"{'0' * 32}.webp", "..", "settings.py", f"{'0' * 32}.webp%2f.."])
def test_nothing_else_is_given_away(own: Reward, client: Client, name: str) -> None:
    assert client.get(f"/media/pictures/{name}").status_code == 404


def test_a_reward_of_a_file_takes_no_picture(own: Reward, tmp_path: Path) -> None:
    Reward.objects.filter(pk=own.pk).update(from_file=True)
    own.refresh_from_db()
    send(office_client(), own, image())
    own.refresh_from_db()
    assert (own.picture, list(tmp_path.rglob("*"))) == ("", [])


def old(name: str, days: float) -> Path:
    path = Path(default_storage.path(name))
    moment = path.stat().st_mtime - days * 86_400
    os.utime(path, (moment, moment))
    return path


def test_pictures_that_no_reward_of_any_program_names_are_forgotten_after_a_day(own: Reward) -> None:
    kept = {shade: keep_picture(drawn_anew(image((shade, 9)))) for shade in (10, 20, 30, 40, 50)}
    paths = {shade: old(name, 0.9 if shade == 50 else 1.1) for shade, name in kept.items()}
    Reward.objects.filter(pk=own.pk).update(picture=kept[10], retired=True)
    other = catalogue_world(reward("tea", "Tea"), program={"code": "other"}).program
    Reward.objects.filter(program=other).update(picture=kept[20])
    young = keep_picture(drawn_anew(image((30, 9))))  # brought again: somebody is about to name it
    assert young == kept[30]
    forget_pictures()
    assert {shade for shade, path in paths.items() if path.exists()} == {10, 20, 30, 50}
    forget_pictures()
    assert {shade for shade, path in paths.items() if path.exists()} == {10, 20, 30, 50}


def test_nothing_is_forgotten_where_nothing_was_brought(own: Reward, tmp_path: Path) -> None:
    forget_pictures()
    assert list(tmp_path.iterdir()) == []
