"""A caller's number or name with quotes, commas and line ends spoils no record of CEL, and forges none."""

from pathlib import Path

import pytest

from callcenter.calls.ledger import fold
from ivr.journal import Batch, JournalReader

TIME = 1795523065.25


def cel(kind: str, after: float, number: str = "0905123456", name: str = "", extra: str = "") -> str:
    """A record as CSV_QUOTE of Asterisk writes it: every field in quotes, quotes doubled, all else as it is."""
    columns = (kind, f"{TIME + after:.6f}", "lab-1.0", "lab-1.0", "PJSIP/trunk-0", number, name, "1022", "from-trunk")
    fields = (*columns, "", "", extra, "")
    return ",".join('"' + field.replace('"', '""') + '"' for field in fields) + "\n"


@pytest.fixture
def reader(tmp_path: Path) -> JournalReader:
    (tmp_path / "queue_log").write_text("")
    return JournalReader(tmp_path / "cel.csv", tmp_path / "queue_log")


def read(reader: JournalReader, text: str, positions: dict[str, int] | None = None) -> Batch:
    reader.cel_file.write_text(text, "utf-8", newline="")
    return reader.read(positions or {})


HOSTILE = [
    "\nagi_arg_1",
    'a"\r\n"b',
    '"',
    '",",\n"',
    "\n\n\n",
    cel("LINKEDID_END", 0),
    "\n" + cel("LINKEDID_END", 0),
    '\n"LINKEDID_END","1795523065.0","lab-1.0","lab-1.0","","","","","","","","",""\n',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_the_call_is_read_whole_and_has_not_ended(reader: JournalReader, text: str) -> None:
    batch = read(reader, cel("CHAN_START", 0, text, text) + cel("ANSWER", 1, text, text))
    assert batch.bad_lines == 0
    assert [event.kind for event in batch.events] == ["started", "answered"]
    assert batch.events[0].data["number"] == text
    assert fold(batch.events).outcome is None
    assert list(batch.positions.values()) == [len(reader.cel_file.read_bytes())]


@pytest.mark.parametrize("cut", range(1, 30))
def test_a_record_that_is_still_being_written_is_waited_for(reader: JournalReader, cut: int) -> None:
    first, second = cel("CHAN_START", 0), cel("ANSWER", 1, 'a\n"b\nc')
    early = read(reader, first + second[: len(second) * cut // 30])
    assert [event.kind for event in early.events] == ["started"]
    late = read(reader, first + second, dict(early.positions))
    assert [event.kind for event in late.events] == ["answered"]


@pytest.mark.parametrize("torn", ['"ANSWER","179\n', cel("ANSWER", 1, "a\nb")[:80] + "\n"])
def test_a_record_torn_by_a_kill_is_counted_and_costs_no_other(reader: JournalReader, torn: str) -> None:
    batch = read(reader, cel("CHAN_START", 0) + torn + cel("LINKEDID_END", 2))
    assert batch.bad_lines == 1
    assert [event.kind for event in batch.events] == ["started", "ended"]
