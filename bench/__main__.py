"""Run the benchmarks one after another: `python -m bench [names] [--quick]`.

Each prints a Markdown table, which also goes to bench/results/<name>.md; raw figures lie beside it as JSON.
One at a time, since they share the machine's cores. Nothing is asserted: figures are for reading.
"""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SCRIPTS = (
    "backend",
    "triangle",
    "phase",
    "latency",
    "drag",
    "scrub",
    "cell",
    "cold",
    "load",
    "memory",
    "training",
    "reading",
    "forecast",
    "attention",
    "architectures",
)
KEEPS_RAW = set(SCRIPTS) - {"backend", "phase"}


def run(name: str, quick: bool) -> int:
    """Run one script, show what it prints and keep its table. Its exit status."""
    command = [sys.executable, str(HERE / f"{name}.py")]
    # A quick run shows that the scripts work; its figures are not worth keeping.
    command += ["--quick"] if quick else ["--save"] if name in KEEPS_RAW else []
    process = subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True)
    lines = []
    for line in process.stdout or ():
        print(line, end="", flush=True)
        lines.append(line)
    status = process.wait()
    if status == 0 and not quick:
        (HERE / "results").mkdir(exist_ok=True)
        (HERE / "results" / f"{name}.md").write_text("".join(lines), "utf-8")
    return status


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"among {', '.join(SCRIPTS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="a short run of every script, nothing is kept")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(SCRIPTS):
        parser.error(f"expected names among {', '.join(SCRIPTS)}, got {', '.join(sorted(unknown))}")
    failed = [name for name in chosen.names or SCRIPTS if run(name, chosen.quick)]
    if failed:
        print("did not end well:", ", ".join(failed), file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
