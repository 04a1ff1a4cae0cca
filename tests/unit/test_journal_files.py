"""The exchange's files are read whole, once, whatever happens to them."""

from pathlib import Path

import pytest

from callcenter.calls.events import JournalEvent
from callcenter.calls.ledger import fold
from ivr.journal import BATCH_BYTES, JournalError, JournalReader, parse_cel, parse_queue_log

EXCHANGE = Path(__file__).parent.parent / "fixtures" / "exchange"
LINE = '"ANSWER","{time}","x-1.1","x-1.1","PJSIP/trunk-00000000","0905123456","","s","menu","Answer","","",""\n'


def line(number: int) -> str:
    return LINE.format(time=f"1795523575.{number:06}")


@pytest.fixture
def reader(tmp_path: Path) -> JournalReader:
    return JournalReader(tmp_path / "cel.csv", tmp_path / "queue_log")


def read_all(reader: JournalReader, positions: dict[str, int]) -> list[JournalEvent]:
    """Until nothing is new, as the worker does."""
    events: list[JournalEvent] = []
    while (batch := reader.read(positions)).positions:
        positions |= batch.positions
        events += batch.events
    return events


OUTCOMES = {
    "answered": ("answered", "op1", "reports", "report", "vi"),
    "abandoned": ("abandoned", "", "assistance", "operator", "en"),
    "next_operator": ("answered", "op2", "procedures", "procedures", "vi"),
    "anonymous": ("answered", "op2", "assistance", "operator", "vi"),
    "hostile": ("answered", "op1", "assistance", "operator", "vi"),
    "menu_hangup": ("ivr_hangup", "", "", "", ""),
    "message": ("message_left", "", "assistance", "operator", "vi"),
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_real_call_ends_in_its_one_outcome(name: str, reader: JournalReader) -> None:
    for path, ending in ((reader.cel_file, "cel"), (reader.queue_log, "queue_log")):
        recorded = EXCHANGE / f"{name}.{ending}"
        path.write_bytes(recorded.read_bytes() if recorded.exists() else b"")
    batch = reader.read({})
    assert batch.bad_lines == 0
    (linkedid,) = {event.linkedid for event in batch.events}
    record = fold(batch.events)
    assert (record.linkedid, record.outcome) == (linkedid, OUTCOMES[name][0])
    assert (record.operator, record.queue, record.reason, record.language) == OUTCOMES[name][1:]
    assert record.ended_at is not None and record.started_at < record.ended_at


def test_nothing_is_read_twice(reader: JournalReader) -> None:
    positions: dict[str, int] = {}
    reader.cel_file.write_text(line(1))
    assert len(read_all(reader, positions)) == 1
    with reader.cel_file.open("a") as file:
        file.write(line(2))
    (event,) = read_all(reader, positions)
    assert (event.at.microsecond, event.position) == (2, len(line(1)))
    assert read_all(reader, positions) == []


def test_an_unfinished_line_waits(reader: JournalReader) -> None:
    positions: dict[str, int] = {}
    reader.cel_file.write_text(line(1) + line(2)[:40])
    assert len(read_all(reader, positions)) == 1
    with reader.cel_file.open("a") as file:
        file.write(line(2)[40:])
    assert [event.at.microsecond for event in read_all(reader, positions)] == [2]


@pytest.mark.parametrize("how", ["renamed", "copied and truncated"])
def test_rotation_loses_nothing_and_counts_nothing_twice(reader: JournalReader, how: str) -> None:
    positions: dict[str, int] = {}
    reader.cel_file.write_text(line(1))
    read_all(reader, positions)
    with reader.cel_file.open("a") as file:
        file.write(line(2))
    old = reader.cel_file.with_name("cel.csv.1")
    if how == "renamed":
        reader.cel_file.rename(old)
    else:
        old.write_bytes(reader.cel_file.read_bytes())
    reader.cel_file.write_text(line(3))
    assert sorted(event.at.microsecond for event in read_all(reader, positions)) == [2, 3]


def test_a_bad_line_is_counted_and_stops_nothing(reader: JournalReader, caplog: pytest.LogCaptureFixture) -> None:
    reader.cel_file.write_bytes(line(1).encode() + b"rubbish \xff\x00\n" + line(2).encode())
    reader.queue_log.write_text("1795523575|too|short\n1795523575|NONE|NONE|NONE|QUEUESTART|\n")
    batch = reader.read({})
    assert (len(batch.events), batch.bad_lines) == (3, 2)
    assert len(batch.starts) == 1
    assert f"byte {len(line(1))}" in caplog.text


def test_missing_files_are_no_error(reader: JournalReader) -> None:
    assert reader.read({}).events == ()


def test_a_long_file_is_read_in_pieces(reader: JournalReader) -> None:
    count = BATCH_BYTES // len(line(1)) * 2 + 10
    reader.cel_file.write_text("".join(map(line, range(count))))
    first = reader.read({})
    assert 0 < len(first.events) < count
    assert len(first.events) + len(read_all(reader, dict(first.positions))) == count


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "columns|CSV"),
        ('"ANSWER","1"', "2 columns"),
        (line(1).strip().replace("1795523575.000001", "yesterday"), "not a time"),
        (line(1).strip().replace("1795523575.000001", "1e300"), "not a time"),
        (line(1).strip().replace('"x-1.1"', '""'), "no linkedid"),
        (line(1).strip().replace("ANSWER", "HANGUP").removesuffix('"",""') + '"{","a"', "not JSON"),
        (line(1).strip().replace("ANSWER", "HANGUP").removesuffix('"",""') + '"[1]","a"', "not a JSON object"),
        (line(1).strip() + '"open', "CSV"),
    ],
)
def test_a_bad_cel_line_says_why(text: str, why: str) -> None:
    with pytest.raises(JournalError, match=why):
        parse_cel(text)


@pytest.mark.parametrize("text", ["", "|", "1795523575|a|b|c", "when|a|b|c|CONNECT|1|2|3"])
def test_a_bad_queue_log_line_says_why(text: str) -> None:
    with pytest.raises(JournalError):
        parse_queue_log(text)


@pytest.mark.parametrize(
    ("text", "kind", "data"),
    [
        ("1|c|q|NONE|ENTERQUEUE||0905|1", "queue_entered", {"number": "0905", "position": "1"}),
        ("1|c|q|op1|CONNECT|7|d|3", "queue_connected", {"wait_s": "7", "ring_s": "3"}),
        ("1|c|q|op1|COMPLETEAGENT|7|60|1", "queue_completed", {"wait_s": "7", "talk_s": "60", "by": "operator"}),
        ("1|c|q|op1|COMPLETECALLER|7|60|1", "queue_completed", {"wait_s": "7", "talk_s": "60", "by": "caller"}),
        ("1|c|q|NONE|ABANDON|2|3|44", "queue_abandoned", {"position": "2", "wait_s": "44"}),
        ("1|c|q|op1|RINGNOANSWER|5000", "queue_rung_out", {"ms": "5000"}),
        ("1|c|q|NONE|EXITWITHTIMEOUT|1|1|30", "queue_left", {"why": "timeout", "wait_s": "30"}),
        ("1|c|q|NONE|EXITEMPTY|1|2|9", "queue_left", {"why": "empty", "wait_s": "9"}),
        ("1|c|q|NONE|EXITWITHKEY|5|1|2|9", "queue_left", {"why": "key", "key": "5", "wait_s": "9"}),
        ("1|c|q|op1|CONNECT", "queue_connected", {}),
    ],
)
def test_queue_log(text: str, kind: str, data: dict[str, str]) -> None:
    parsed = parse_queue_log(text)
    assert parsed is not None
    assert (parsed[0], parsed[2]) == ("c", kind)
    assert data.items() <= parsed[3].items() and parsed[3]["queue"] == "q"


@pytest.mark.parametrize(
    "text", ["1|MANAGER|q|op1|ADDMEMBER|", "1|NONE|NONE|op1|PAUSEALL|ăn trưa", "1|c|q|x|SOMETHINGNEW|"]
)
def test_lines_of_no_use(text: str) -> None:
    assert parse_queue_log(text) is None
