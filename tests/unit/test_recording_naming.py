"""A file's name is the only thing that ties audio to a call, so nothing ambiguous or hostile passes."""

from datetime import UTC, datetime

import pytest

from recordings import naming

ID = "hotline-1764000000.12"


@pytest.mark.parametrize("linkedid", [ID, "1764000000.12", "hotline-2-1764000000.1", "A1-1.1"])
def test_names_come_back_to_their_linkedid(linkedid: str) -> None:
    assert naming.parse_recording(naming.recording_name(linkedid, "citizen")) == (linkedid, "citizen")
    assert naming.parse_recording(naming.recording_name(linkedid, "operator")) == (linkedid, "operator")
    assert naming.parse_message(naming.message_name(linkedid)) == (linkedid, "message")


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".wav",
        "-citizen.wav",
        "hotline-1764000000.12.wav.wav",
        "hotline-1764000000.12-citizen.WAV",
        "hotline-1764000000.12-citizen.wav\n",
        "hotline-1764000000.12-citizen.mp3",
        "hotline-1764000000.12-stranger.wav",
        "hotline-1764000000-citizen.wav",
        "../hotline-1764000000.12-citizen.wav",
        "/hotline-1764000000.12-citizen.wav",
        "hotline-17640..00.12-citizen.wav",
        "-hotline-1764000000.12-citizen.wav",
        "hot line-1764000000.12-citizen.wav",
        "hotline-1764000000.12;rm -rf-citizen.wav",
        "hotline-1764000000.12%00-citizen.wav",
        "hotline-１764000000.12-citizen.wav",
        "hótline-1764000000.12-citizen.wav",
        "hotline-999999999999999.12-citizen.wav",
        "h" * 200 + "-1764000000.12-citizen.wav",
    ],
)
def test_other_names_are_refused(name: str) -> None:
    assert naming.parse_recording(name) is None


@pytest.mark.parametrize("name", ["", ".wav", f"{ID}.WAV", f"{ID}.wav\n", f"../{ID}.wav", f"{ID}-x.wav", "a b-1.1.wav"])
def test_other_names_are_no_messages(name: str) -> None:
    assert naming.parse_message(name) is None


def test_a_side_of_a_talk_is_no_message_and_a_message_no_side() -> None:
    assert naming.parse_message(f"{ID}-citizen.wav") is None
    assert naming.parse_recording(f"{ID}.wav") is None


def test_the_place_in_the_archive_follows_from_the_id_alone() -> None:
    assert naming.moment(ID) == datetime(2025, 11, 24, 16, 0, tzinfo=UTC)
    assert naming.recording_path(ID, "mp3") == "2025/11/24/hotline-1764000000.12.mp3"
    assert naming.message_path(ID, "mp3") == "2025/11/24/hotline-1764000000.12-message.mp3"
    assert naming.is_archived(naming.recording_path(ID, "mp3"))
    assert naming.is_archived(naming.message_path(ID, "mp3"))


@pytest.mark.parametrize("path", ["", "/etc/passwd", "2025/11/24/../../x.mp3", "2025/11/24/a.mp3", f"{ID}.mp3"])
def test_other_paths_are_not_the_archives(path: str) -> None:
    assert not naming.is_archived(path)


@pytest.mark.parametrize("text", ["", "x", "1.1\n", "a/1.1", "1764000000", "1.1.1", "--1.1 "])
def test_what_is_no_linkedid_gives_no_name(text: str) -> None:
    assert not naming.is_linkedid(text)
    for make in (naming.moment, naming.message_name, lambda name: naming.recording_name(name, "citizen")):
        with pytest.raises(ValueError, match="not a linkedid"):
            make(text)
