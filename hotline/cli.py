"""The `hotline` command. Each command imports what it needs, so that `--help` and short commands start at once."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from hotline.settings import Settings, SettingsError, load

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="The 1022 citizens' hotline."
)
token_app = typer.Typer(no_args_is_help=True, help="Tokens of programs that use the API.")
db_app = typer.Typer(no_args_is_help=True, help="The database.")
prompts_app = typer.Typer(no_args_is_help=True, help="What callers hear.")
flow_app = typer.Typer(no_args_is_help=True, help="The menus.")
app.add_typer(token_app, name="token")
app.add_typer(db_app, name="db")
app.add_typer(prompts_app, name="prompts")
app.add_typer(flow_app, name="flow")

AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]


def fail(message: str) -> NoReturn:
    print(f"hotline: {message}", file=sys.stderr)
    raise typer.Exit(2)


def settings() -> Settings:
    try:
        return load()
    except SettingsError as error:
        fail(str(error))


@app.command()
def run() -> None:
    """Start the whole hotline on this machine; Ctrl-C stops all of it."""
    from hotline import run as whole

    try:
        whole.run(settings())
    except whole.CannotStart as error:
        fail(str(error))


@app.command()
def prepare() -> None:
    """Make everything ready without starting it: database, accounts, prompts, the exchange's files."""
    from hotline import run as whole

    try:
        whole.prepare(settings())
    except whole.CannotStart as error:
        fail(str(error))


@app.command(context_settings={"ignore_unknown_options": True})
def asterisk(
    words: Annotated[list[str] | None, typer.Argument(help="Asterisk's own options, such as -r.")] = None,
) -> None:
    """The exchange, in the foreground; with -r or -rx COMMAND its console."""
    from hotline import wiring

    command = wiring.exchange(settings()).asterisk(*(words or ["-f"]))
    os.execv(command[0], command)  # noqa: S606 - our own configuration


@app.command()
def ivr() -> None:
    """The menus: answers the exchange's FastAGI requests."""
    from hotline import wiring

    wiring.run_ivr(settings())


@app.command()
def web() -> None:
    """The web app, the API and the live picture."""
    from hotline import web as service

    service.run_web(settings())


@app.command()
def worker() -> None:
    """The ledger, recordings and messages: reads what the exchange wrote."""
    from hotline import worker as service

    service.run_worker(settings())


@app.command()
def accounts(as_json: AsJson = False) -> None:
    """The development accounts and their passwords."""
    from hotline import accounts as kept

    rows = kept.ensure(settings().var / "accounts.json")
    if as_json:
        fields = ("login", "role", "password", "sip_password")
        print(json.dumps([{field: getattr(row, field) for field in fields} for row in rows], indent=1))
        return
    for row in rows:
        print(f"{row.login:<8} {row.role:<12} {row.password:<14} {row.sip_password:<22} {row.name}")


@app.command(name="settings")
def show_settings(as_json: AsJson = False) -> None:
    """Every setting with its value here; set them as HOTLINE_<NAME> or in hotline.toml."""
    values = settings().model_dump(mode="json")
    if as_json:
        print(json.dumps(values, indent=1))
        return
    for name, value in values.items():
        print(f"{name:<20} {value}")


@app.command()
def openapi() -> None:
    """The API's description (OpenAPI 3.1), from which the web app's client is generated."""
    from api.openapi import document

    print(json.dumps(document(), ensure_ascii=False, indent=1))


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database's tables up to date."""
    from hotline import wiring

    wiring.upgrade_database(settings())


@prompts_app.command("build")
def prompts_build() -> None:
    """Turn the prompts' texts and the recordings dropped beside them into the exchange's sound files."""
    from hotline import wiring
    from recordings.prompts import PromptError

    try:
        wiring.build_prompts(settings())
    except PromptError as error:
        fail(str(error))


@flow_app.command("check")
def flow_check(
    file: Annotated[Path | None, typer.Argument(help="A flow file; the running one if none is given.")] = None,
) -> None:
    """Refuse a flow that could strand a caller."""
    from hotline import wiring

    problems = wiring.check_flow(file or wiring.flow_file(settings()))
    for problem in problems:
        print(problem)
    if problems:
        raise typer.Exit(1)
    print("no problems")


@token_app.command("create")
def token_create(
    name: Annotated[str, typer.Argument(help="What the token is for.")],
    login: Annotated[str, typer.Option(help="The account it acts as.")] = "admin",
    days: Annotated[int, typer.Option(min=1, help="Days until it expires.")] = 365,
) -> None:
    """Make a bearer token and print it, once."""
    from hotline import wiring

    expires = datetime.now(UTC) + timedelta(days=days)
    print(wiring.create_token(settings(), login=login, name=name, expires_at=expires))


def main() -> None:
    """The command; what is wrong with a setting, a file or a request is said in a line, not in a traceback."""
    from sqlalchemy.exc import SQLAlchemyError

    from callcenter.errors import HotlineError

    try:
        app()
    except (HotlineError, ValueError) as error:
        print(f"hotline: {error}", file=sys.stderr)
        sys.exit(2)
    except SQLAlchemyError as error:
        print(f"hotline: the database (HOTLINE_DATABASE_URL) cannot be used: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
