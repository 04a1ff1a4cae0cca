"""Run as a process: a FastAGI server, ours or a bare one, that says on request what CPU it has used.

Both send the same commands. The bare one is what asyncio can do at least: it reads a line and writes a constant.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import threading

from ivr.agi import KEYS, Agi
from ivr.server import FastAgiServer

ROUNDS = 7
"""Three commands each: what the menus send for one question."""
FILES = ("hotline/greeting", "hotline/recording_notice", "hotline/menu_main")
SET = b'SET VARIABLE TIMEOUT(absolute) "50"\n'
READ = f'EXEC Read "{KEYS},{"&".join(FILES)},1,,1,5"\n'.encode()
GET = f'GET FULL VARIABLE "${{READSTATUS}}:${{{KEYS}}}"\n'.encode()
COMMANDS = (SET, READ, GET) * ROUNDS


def menu(agi: Agi) -> None:
    for _ in range(ROUNDS):
        agi.set("TIMEOUT(absolute)", "50")
        agi.collect(FILES, 5.0, 1)


async def bare(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while (await reader.readline()).strip():
        pass
    for command in COMMANDS:
        writer.write(command)
        await reader.readline()
    writer.close()


def tell_cpu() -> None:
    """Answers each line of standard input with the seconds used so far."""
    for _ in sys.stdin:
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(used.ru_utime + used.ru_stime, flush=True)


async def run_bare() -> None:
    server = await asyncio.start_server(bare, "127.0.0.1", 0, backlog=128)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await asyncio.to_thread(tell_cpu)


def run_ours() -> None:
    with FastAgiServer(("127.0.0.1", 0), {"menu": menu}, max_sessions=200) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        print(server.server_address[1], flush=True)
        tell_cpu()
        server.shutdown()


if __name__ == "__main__":
    if sys.argv[1] == "ours":
        run_ours()
    else:
        asyncio.run(run_bare())
