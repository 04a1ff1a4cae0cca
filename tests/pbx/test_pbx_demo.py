"""`make demo` tells the truth: SIPp citizens call, a ticket is filed, the talk archived, the second call served."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from lab.instance import ROOT, Instance


def test_the_demo_ends_with_a_ticket_and_a_recording(hotline: Instance) -> None:
    command = [sys.executable, "-m", "lab.demo"]
    environment = os.environ | hotline.environment
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the ledger: answered" in done.stdout and "the ledger: self_served" in done.stdout
    code = re.search(r"ticket +(\d\d) (\d{6}) (\d)", done.stdout)
    assert code is not None
    assert hotline.get("op1", f"/api/v1/tickets/{''.join(code.groups())}")["category"] == "lighting"
    sound = re.search(r"its file +(\S+)", done.stdout)
    assert sound is not None and Path(sound[1]).stat().st_size > 20_000
