"""AGI over one socket: what goes out cannot be taken for another command, and nothing that comes in is believed."""

import socket
from collections.abc import Iterator

import pytest

from ivr import agi as module
from ivr.agi import Agi, CallerHungUp, LineLost, Nonsense

HEADER = b"agi_network_script: menu\nagi_callerid: 0905123456\n\n"


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The exchange's end, with a deadline, and ours."""
    theirs, ours = socket.socketpair()
    theirs.settimeout(5)
    yield theirs, ours
    theirs.close()
    ours.close()


def session(line: tuple[socket.socket, socket.socket], header: bytes = HEADER) -> Agi:
    line[0].sendall(header)
    return Agi(line[1])


def test_the_header_is_read(line: tuple[socket.socket, socket.socket]) -> None:
    header = 'agi_callerid: 1: "2" ${EXTEN}\nagi_calleridname: Nguyễn\r\nagi_x:\n\n'.encode()
    assert session(line, header).env == {
        "agi_callerid": '1: "2" ${EXTEN}',
        "agi_calleridname": "Nguyễn",
        "agi_x": "",
    }


def test_bytes_that_are_no_utf8_are_borne(line: tuple[socket.socket, socket.socket]) -> None:
    assert session(line, b"agi_callerid: \xff\xf0a\n\n").env == {"agi_callerid": "��a"}


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (b"", LineLost),
        (b"agi_callerid: 1\nagi", LineLost),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", Nonsense),
        (b"agi_a: 1\nrubbish\n\n", Nonsense),
        (b"\x00\xff\n\n", Nonsense),
        (b"agi_a: " + b"x" * 10_000, Nonsense),
        (b"agi_a: 1\n" * 300, Nonsense),
    ],
)
def test_a_bad_header_ends_the_session(
    line: tuple[socket.socket, socket.socket], header: bytes, error: type[Exception]
) -> None:
    line[0].sendall(header)
    line[0].shutdown(socket.SHUT_WR)
    with pytest.raises(error):
        Agi(line[1])


def test_a_header_that_does_not_come_to_an_end_is_given_up(
    line: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HEADER_TIMEOUT_S", 0.05)
    line[0].sendall(b"agi_callerid: 1\n")
    with pytest.raises(TimeoutError):
        Agi(line[1])


def test_an_exchange_that_says_nothing_more_is_given_up(
    line: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COMMAND_TIMEOUT_S", 0.05)
    with pytest.raises(TimeoutError):
        session(line).set("A", "1")


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("plain", b'SET VARIABLE A "plain"\n'),
        ('a"b', b'SET VARIABLE A "a\\"b"\n'),
        ("a\\", b'SET VARIABLE A "a\\\\"\n'),
        ("a\nHANGUP\r\n\x00b", b'SET VARIABLE A "a HANGUP   b"\n'),
        ("${SHELL(id)}", b'SET VARIABLE A "${SHELL(id)}"\n'),
        ("Nguyễn", 'SET VARIABLE A "Nguyễn"\n'.encode()),
    ],
)
def test_a_value_stays_a_value(line: tuple[socket.socket, socket.socket], value: str, sent: bytes) -> None:
    agi = session(line)
    line[0].sendall(b"200 result=1\n")
    agi.set("A", value)
    assert line[0].recv(1000) == sent


def test_a_command_with_a_line_end_is_not_sent(line: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(ValueError, match="control character"):
        session(line).execute("SET VARIABLE", "A\nHANGUP", "1")


@pytest.mark.parametrize("value", ["a,B=1", 'a"', "a b", "${X}", "á"])
def test_only_plain_values_are_set_together(line: tuple[socket.socket, socket.socket], value: str) -> None:
    with pytest.raises(ValueError, match="together"):
        session(line).set_many({"A": value})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"200 result=-1\n", CallerHungUp),
        (b"HANGUP\n200 result=-1 endpos=0\n", CallerHungUp),
        (b"511 Command Not Permitted on a dead channel or intercept routine\n", CallerHungUp),
        (b"", LineLost),
        (b"HANGUP\n", LineLost),
        (b"200 result=", LineLost),
        (b"200 result=-2\n", Nonsense),
        (b"510 Invalid or unknown command\n", Nonsense),
        (b"520-Invalid command syntax.  Proper usage follows:\n", Nonsense),
        (b"200 nothing\n", Nonsense),
        (b"2000\n", Nonsense),
        (b"\xff\xfe\n", Nonsense),
        (b"\n", Nonsense),
        (b"200 result=" + b"1" * 10_000, Nonsense),
    ],
)
def test_an_answer_that_is_none(
    line: tuple[socket.socket, socket.socket], answer: bytes, error: type[Exception]
) -> None:
    agi = session(line)
    line[0].sendall(answer)
    line[0].shutdown(socket.SHUT_WR)
    with pytest.raises(error):
        agi.set("A", "1")


def test_an_unasked_hangup_line_is_no_answer(line: tuple[socket.socket, socket.socket]) -> None:
    agi = session(line)
    line[0].sendall(b"HANGUP\n200 result=0\n200 result=1 (OK:12)\n")
    assert agi.collect(("hotline/a",), 5, 2) == ("12", False)


def test_an_answer_in_pieces(line: tuple[socket.socket, socket.socket]) -> None:
    agi = session(line, HEADER + b"200 resu")
    line[0].sendall(b"lt=1\r\n")
    agi.set("A", "1")


@pytest.mark.parametrize(
    ("answer", "pressed"),
    [
        (b"200 result=1 (OK:5)\n", ("5", False)),
        (b"200 result=1 (OK:*)\n", ("*", False)),
        (b"200 result=1 (OK:)\n", ("", False)),
        (b"200 result=1 (TIMEOUT:)\n", ("", True)),
        (b"200 result=1 (TIMEOUT:264)\n", ("264", True)),
        (b"200 result=0\n", ("", False)),
    ],
)
def test_keys(line: tuple[socket.socket, socket.socket], answer: bytes, pressed: tuple[str, bool]) -> None:
    agi = session(line)
    line[0].sendall(b"200 result=0\n" + answer)
    assert agi.collect(("hotline/a", "hotline/b"), 2.5, 9) == pressed
    assert line[0].recv(1000).splitlines() == [
        b'EXEC Read "HOTLINE_KEYS,hotline/a&hotline/b,9,,1,2.5"',
        b'GET FULL VARIABLE "${READSTATUS}:${HOTLINE_KEYS}"',
    ]


def test_nothing_of_the_caller_is_written_to_stderr(
    line: tuple[socket.socket, socket.socket], capfd: pytest.CaptureFixture[str]
) -> None:
    agi = session(line)
    line[0].sendall(b"200 result=1\n")
    agi.set("A", "1")
    assert capfd.readouterr() == ("", "")
