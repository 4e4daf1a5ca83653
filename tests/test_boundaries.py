"""What may import what: the contracts of pyproject.toml hold, and the checks that say so can fail."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("streamlit", "plotly", "torch", "pandas")


def loaded_by(statement: str) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded after the statement."""
    code = f"import sys\n{statement}\nprint(*(name for name in {HEAVY} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter on the rnnviz in `folder`, under the contracts that lie beside it."""
    code = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); from importlinter.cli import lint_imports; "
        "sys.exit(lint_imports(no_logo=True, no_cache=True))"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


def copy_with(tmp_path: Path, module: str, statement: str) -> Path:
    """A copy of the package in which one module has one more import."""
    shutil.copytree(ROOT / "rnnviz", tmp_path / "rnnviz", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    target = tmp_path / "rnnviz" / module
    target.write_text(target.read_text() + f"\n{statement}\n")
    return tmp_path


def test_import_rnnviz_loads_nothing_heavy():
    assert loaded_by("import rnnviz") == set()


def test_light_modules_load_nothing_heavy():
    assert loaded_by("import rnnviz.registry, rnnviz.experiment") == set()


def test_the_notebook_api_loads_no_app():
    loaded = loaded_by("import rnnviz; rnnviz.trace, rnnviz.gradients")
    assert "torch" in loaded
    assert not loaded & {"streamlit", "plotly"}


def test_the_import_check_can_fail():
    assert "plotly" in loaded_by("import rnnviz, plotly")


def test_contracts_hold():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contracts_can_fail_on_streamlit(tmp_path):
    done = lint(copy_with(tmp_path, "cells.py", "import streamlit"))
    assert done.returncode == 1
    assert "rnnviz.cells -> streamlit" in done.stdout


def test_the_contracts_can_fail_on_layers(tmp_path):
    done = lint(copy_with(tmp_path, "cells.py", "import rnnviz.figures"))
    assert done.returncode == 1
    assert "rnnviz.cells -> rnnviz.figures" in done.stdout
