"""Make sure a Chromium is there for the browser tests: `python tests/browser/install.py`.

Debian's own package as root, Playwright's build elsewhere. Without a browser the tests skip and say so,
except under CI=true, where this script fails.
"""

import os
import shutil
import subprocess
import sys

from harness import chromium, is_ci


def _install() -> list[list[str]]:
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        quiet = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
        return [[*quiet, "update"], [*quiet, "install", "-y", "chromium", "fonts-liberation"]]
    return [[sys.executable, "-m", "playwright", "install", "chromium"]]


def main() -> int:
    if chromium():
        return 0
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in _install():
        print("no Chromium yet:", " ".join(command), flush=True)
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            print(f"exit status {done.returncode}: no Chromium, browser tests cannot run", file=sys.stderr)
            return int(is_ci())
    if chromium():
        return 0
    print("no Chromium after the installation, browser tests cannot run", file=sys.stderr)
    return int(is_ci())


if __name__ == "__main__":
    sys.exit(main())
