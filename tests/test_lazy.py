"""Packages load a name's module when it is first asked for, and say which names there are."""

import subprocess
import sys

import pytest

PACKAGES = ["training", "attention", "architectures", "forecast"]


@pytest.mark.parametrize("name", PACKAGES)
def test_every_public_name_is_there_and_listed(name):
    package = __import__(f"rnnviz.{name}", fromlist=["_"])
    for public in package.__all__:
        assert getattr(package, public) is not None
        assert public in dir(package)
    with pytest.raises(AttributeError, match=f"module 'rnnviz.{name}' has no attribute 'nothing'"):
        _ = package.nothing


def test_importing_them_loads_neither_torch_nor_pandas():
    names = ", ".join(f"rnnviz.{name}" for name in PACKAGES)
    told = f"import sys, {names}; print([one for one in ('torch', 'pandas') if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
