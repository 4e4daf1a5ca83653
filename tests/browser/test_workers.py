"""The workers of a real server: there when nobody waits for the page any more, and gone with the harness."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import ROOT, end_workers, serving

from rnnviz.race import Race
from rnnviz.runs import Runs
from rnnviz.runs.slots import Slot, known


def until(true: Callable[[], Any], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def workers(folder: Path) -> list[int]:
    return [pid for number in known(folder) if (pid := Slot(folder, number).worker())]


def test_a_server_starts_its_workers_and_none_outlives_the_harness() -> None:
    with serving(ROOT / "app.py", env={"RNNVIZ_WORKERS": "2"}) as server:
        until(lambda: len(workers(server.data)) == 2)
        ended = workers(server.data)
    assert not server.data.exists()
    for pid in ended:
        assert not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_training_goes_on_while_no_server_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    runs = Runs(folder)
    id = runs.submit("training", Race(cells=("gru",), hidden=32, steps=5000).to_spec(), "me")
    options = {"RNNVIZ_DATA_DIR": str(folder), "RNNVIZ_WORKERS": "1"}
    try:
        with serving(ROOT / "app.py", env=options):
            until(lambda: len(runs.rows(id)) > 5)
        # The server is gone, and a second one comes.
        written = runs.rows(id)[-1].serial
        until(lambda: runs.rows(id, written))
        with serving(ROOT / "app.py", env=options):
            written = runs.rows(id)[-1].serial
            until(lambda: runs.rows(id, written))
            runs.stop(id, "me")
            until(lambda: (run := runs.get(id)) and run.state == "stopped")
        numbers = sorted(row.number for row in runs.rows(id))
        assert numbers == list(range(len(numbers)))
    finally:
        end_workers(folder)
