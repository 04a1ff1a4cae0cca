"""A snapshot replaces what the exchange knows, and keeps what only we know."""

from live_events import COMPLETED, JOINED, RUNG, TALK, at, caller, keys, live, member, operator, waiting

from callcenter.calls import events as ev
from callcenter.calls.shown import Change


def snapshot(*callers: ev.Caller, calls: set[str], members: tuple[ev.Member, ...] = (member(),)) -> ev.Snapshot:
    return ev.Snapshot(at(30), ("assistance",), members, callers, frozenset(calls), frozenset())


def test_a_lost_link_shows_since_when_and_a_snapshot_ends_it() -> None:
    state = live()
    assert state.apply(ev.LinkLost(at(10))) == [Change("link", "ami", {"stale_since": at(10).isoformat()})]
    assert state.apply(ev.LinkLost(at(12))) == []
    assert Change("link", "ami", {"stale_since": None}) in state.apply(snapshot(calls=set()))


def test_a_snapshot_replaces_queues_members_and_callers() -> None:
    state = live(JOINED)
    changes = state.apply(snapshot(caller("1.7"), calls={"1.7"}))
    assert ("queue", "reports") in keys(changes)
    assert (list(state.state()["queues"]), waiting(state)) == (["assistance"], ["1.7"])
    assert operator(state, "op2")["state"] == "offline"


def test_a_snapshot_keeps_what_only_we_know() -> None:
    state = live(JOINED)
    state.apply(snapshot(caller(language="", reason="", joined_at=at(0.9)), calls={"1.1"}))
    entry = state.state()["queues"]["assistance"]["waiting"][0]
    assert (entry["language"], entry["reason"], entry["joined_at"]) == ("vi", "asked", at(0).isoformat())
    wrapping = live(*TALK, COMPLETED)
    pop = wrapping.pop("op1")
    wrapping.apply(snapshot(calls=set()))
    assert wrapping.pop("op1") == pop


def test_a_talk_goes_on_over_a_snapshot_while_its_call_exists() -> None:
    state = live(*TALK)
    pop = state.pop("op1")
    state.apply(snapshot(calls={"1.1"}, members=(member(device="in_use", in_call=True),)))
    assert state.pop("op1") == pop
    state.apply(snapshot(calls=set()))
    state.tick(at(40))
    assert state.pop("op1") is None


def test_a_connection_that_was_missed_is_seen_in_the_snapshot() -> None:
    state = live(JOINED, RUNG, ev.LinkLost(at(2)))
    state.apply(snapshot(calls={"1.1"}, members=(member(device="in_use", in_call=True),)))
    pop = state.pop("op1")
    assert pop is not None
    assert (pop["state"], pop["connected_at"]) == ("talking", at(30).isoformat())


def test_a_ringing_that_is_over_is_seen_in_the_snapshot() -> None:
    state = live(JOINED, RUNG, ev.LinkLost(at(2)))
    state.apply(snapshot(caller(), calls={"1.1"}))
    assert (state.pop("op1"), waiting(state)) == (None, ["1.1"])


def test_an_unknown_caller_is_filled_in_when_the_snapshot_names_him() -> None:
    state = live(RUNG)
    pop = state.pop("op1")
    assert pop is not None and (pop["number"], pop["joined_at"]) == ("", None)
    state.apply(snapshot(caller(), calls={"1.1"}, members=(member(device="ringing"),)))
    pop = state.pop("op1")
    assert pop is not None and pop["number"] == "+84905123456"
