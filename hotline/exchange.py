"""One Asterisk of ours: where its files lie, how it is configured, how it is started."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent.parent / "asterisk-config"
AMI_EVENTS = (
    *("FullyBooted", "QueueCallerJoin", "QueueCallerLeave", "QueueCallerAbandon", "AgentCalled", "AgentConnect"),
    *("AgentComplete", "AgentRingNoAnswer", "QueueMemberAdded", "QueueMemberRemoved", "QueueMemberPause"),
    *("QueueMemberStatus", "ContactStatus", "Hangup", "QueueParams", "QueueMember", "QueueEntry"),
    *("QueueStatusComplete", "CoreShowChannel", "CoreShowChannelsComplete", "ContactList", "ContactListComplete"),
)
"""What ivr/events.py understands; everything else is not even sent."""
_SAFE = re.compile(r"[A-Za-z0-9_./:+\- ]*")
_SECTIONS = frozenset({"global", "system", "transport-udp", "transport-tcp", "transport-ws", "trunk"})
"""Of pjsip.conf: no operator can be called so."""


@dataclass(frozen=True, slots=True)
class Operator:
    login: str
    sip_password: str


@dataclass(frozen=True, slots=True)
class Ports:
    sip: int
    agi: int
    ami: int
    http: int
    rtp_start: int
    rtp_end: int


@dataclass(frozen=True, slots=True)
class Values:
    """What differs from one exchange to another. `trunk_addresses` are the only ones that may call 1022; they and the
    phones reach `sip_bind`, everything else listens at `bind`, which is loopback."""

    bind: str
    sip_bind: str
    ports: Ports
    trunk_addresses: Sequence[str]
    operators: Sequence[Operator]
    queues: Sequence[str]
    ami_secret: str
    max_calls: int
    queue_ring_s: int
    wrapup_s: int
    queue_max_wait_s: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """`root` is the folder into which Asterisk was built at set-up and which it takes for `/`, or `/` itself where
    the machine has its own Asterisk. `home` holds everything of this instance, as we see it."""

    name: str
    root: Path
    home: Path

    @classmethod
    def at(cls, name: str, root: Path | None, var: Path) -> Exchange:
        """The exchange `name`, in the folder `root` if Asterisk was built there, else below `var`."""
        if root is not None and (root / "usr/sbin/asterisk").exists():
            return cls(name, root.resolve(), root.resolve() / "srv" / name)
        return cls(name, Path("/"), var.resolve() / "asterisk")

    def inner(self, path: Path) -> str:
        """`path` as Asterisk sees it."""
        return f"/{path.relative_to(self.root)}"

    @property
    def etc(self) -> Path:
        return self.home / "etc"

    @property
    def spool(self) -> Path:
        return self.home / "spool"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def share(self) -> Path:
        """What exchanges with the same root have in common: sounds and music."""
        return self.home.parent / "share"

    @property
    def sounds(self) -> Path:
        return self.share / "sounds"

    @property
    def moh(self) -> Path:
        return self.share / "moh"

    @property
    def recordings_spool(self) -> Path:
        return self.spool / "recordings"

    @property
    def messages_spool(self) -> Path:
        return self.spool / "messages"

    @property
    def cel_file(self) -> Path:
        return self.log / "cel-custom" / "cel.csv"

    @property
    def queue_log(self) -> Path:
        return self.log / "queue_log"

    @property
    def command(self) -> list[str]:
        """Arguments that run this Asterisk in the foreground, as the user that we are."""
        return self.asterisk("-f")

    def asterisk(self, *options: str) -> list[str]:
        """Arguments that start Asterisk's program with our configuration and these options of its own."""
        asterisk = ["/usr/sbin/asterisk", *options, "-C", self.inner(self.etc / "asterisk.conf")]
        if self.root == Path("/"):
            return asterisk
        if os.geteuid() == 0:
            return ["/usr/sbin/chroot", str(self.root), *asterisk]
        unshare = ["/usr/bin/unshare", "--user", "--map-current-user", f"--root={self.root}"]
        return [*unshare, *asterisk]

    def prepare(self) -> None:
        """Make the folders that Asterisk expects; without its documentation it refuses to start."""
        run, lib = self.home / "run", self.home / "lib"
        for folder in (
            self.etc,
            run,
            lib / "keys",
            lib / "agi-bin",
            lib / "cache",
            self.sounds,
            self.moh,
            self.log / "cel-custom",
        ):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.recordings_spool, self.messages_spool):
            folder.mkdir(parents=True, exist_ok=True)
        documentation = self.share / "documentation"
        if not documentation.is_symlink():
            documentation.symlink_to("/usr/share/asterisk/documentation")


def render(exchange: Exchange, values: Values) -> None:
    """Write every file of `asterisk-config/` for this exchange. Raises ValueError naming an unsafe value."""
    exchange.prepare()
    _refuse_unsafe(exchange, values)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - not HTML
    )
    context = _context(exchange, values)
    for template in sorted(TEMPLATES.glob("*.j2")):
        target = exchange.etc / template.stem
        part = target.with_name(f".{target.name}.part")
        part.touch(mode=0o600)
        part.write_text(environment.get_template(template.name).render(context), "utf-8")
        part.replace(target)


def _context(exchange: Exchange, values: Values) -> Mapping[str, object]:
    folders = {name: exchange.inner(exchange.home / name) for name in ("etc", "lib", "spool", "run", "log")} | {
        "moh": exchange.inner(exchange.moh),
        "data": exchange.inner(exchange.share),
    }
    return folders | {
        "name": exchange.name,
        "modules_dir": f"/usr/lib/{platform.machine()}-linux-gnu/asterisk/modules",
        "modules": _modules(exchange),
        "ami_events": AMI_EVENTS,
        "bind": values.bind,
        "sip_bind": values.sip_bind,
        "sip_port": values.ports.sip,
        "agi_port": values.ports.agi,
        "ami_port": values.ports.ami,
        "asterisk_http_port": values.ports.http,
        "rtp_start": values.ports.rtp_start,
        "rtp_end": values.ports.rtp_end,
        "trunk_addresses": values.trunk_addresses,
        "operators": values.operators,
        "queues": values.queues,
        "ami_secret": values.ami_secret,
        "max_calls": values.max_calls,
        "queue_ring_s": values.queue_ring_s,
        "wrapup_s": values.wrapup_s,
        "queue_max_wait_s": values.queue_max_wait_s,
    }


def _modules(exchange: Exchange) -> list[str]:
    """The modules to load, less those that this build of Asterisk has built in or does not have."""
    folder = exchange.root / f"usr/lib/{platform.machine()}-linux-gnu/asterisk/modules"
    return [name for name in (TEMPLATES / "modules.txt").read_text().split() if (folder / name).exists()]


def _refuse_unsafe(exchange: Exchange, values: Values) -> None:
    """Raises ValueError naming the first value that would be read as something else, or as nothing."""
    texts = [
        ("name", exchange.name),
        ("bind", values.bind),
        ("sip_bind", values.sip_bind),
        ("ami_secret", values.ami_secret),
    ]
    texts += [("trunk_addresses", text) for text in values.trunk_addresses] + [
        ("queues", text) for text in values.queues
    ]
    for operator in values.operators:
        texts += [("login", operator.login), ("sip_password", operator.sip_password)]
    for what, text in texts:
        if not text.strip() or not _SAFE.fullmatch(text):
            raise ValueError(f"{what}: {text!r} cannot stand in a configuration file: letters, digits and _./:+- only")
    sections = [name for operator in values.operators for name in (operator.login, f"{operator.login}-web")]
    for name in sections:
        if name in _SECTIONS or sections.count(name) > 1:
            raise ValueError(f"login: {name!r} is the name of another section of pjsip.conf")
