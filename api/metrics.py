"""Figures for Prometheus: of the requests served, and of the hotline as it is at the moment of the scrape."""

from __future__ import annotations

import logging
from collections import Counter as Tally
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Scope

from api.deps import Deps
from callcenter.calls import queries

log = logging.getLogger(__name__)


class Metrics:
    """One application's figures, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "hotline_http_requests", "HTTP requests answered", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "hotline_http_request_seconds", "Time to answer, streams included", ["route"], registry=self.registry
        )

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """By the route's template, so that the number of series is bounded."""
        route = getattr(scope.get("route"), "path", "other")
        method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PUT", "DELETE") else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def watch(self, deps: Deps) -> None:
        self.registry.register(_Hotline(deps))


class _Hotline(Collector):
    def __init__(self, deps: Deps) -> None:
        self.deps = deps

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        desk, state = self.deps.desk, self.deps.desk.state()
        yield GaugeMetricFamily("hotline_ami_connected", "The exchange can be spoken to", self.deps.telephony.connected)
        yield GaugeMetricFamily("hotline_feed_listeners", "Open live streams", len(desk.feed))
        yield CounterMetricFamily("hotline_event_faults", "Events that could not be applied", desk.faults)
        waiting = GaugeMetricFamily("hotline_waiting_calls", "Callers waiting", labels=["queue"])
        ready = GaugeMetricFamily("hotline_ready_operators", "Operators ready", labels=["queue"])
        for name, queue in state["queues"].items():
            waiting.add_metric([name], len(queue["waiting"]))
            ready.add_metric([name], queue["ready"])
        operators = GaugeMetricFamily("hotline_operators", "Operators by what they do", labels=["state"])
        for name, number in Tally(operator["state"] for operator in state["operators"].values()).items():
            operators.add_metric([name], number)
        yield from (waiting, ready, operators, *self._calls())

    def _calls(self) -> Iterator[Metric]:
        """None while the database is away: a figure that is missing is better than one that is wrong."""
        try:
            with self.deps.reading() as session:
                counted = queries.outcomes(session, wanted=queries.Filter())
        except SQLAlchemyError as error:
            log.warning("no figures of calls: %s", str(error).splitlines()[0])
            return
        calls = CounterMetricFamily("hotline_calls", "Calls that have ended", labels=["outcome"])
        for outcome, number in counted.items():
            calls.add_metric([outcome], number)
        yield calls
