"""Every test run executes the shape annotations of rnnviz, and draws the same examples each time."""

import os

# Small matrices on shared cores: more threads only make the workers wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from hypothesis import settings
from jaxtyping import install_import_hook

# Before anything imports rnnviz: jaxtyping and beartype then check shapes and types at every call.
install_import_hook("rnnviz", "beartype.beartype")

settings.register_profile("rnnviz", derandomize=True, deadline=None, max_examples=25, database=None)
settings.load_profile("rnnviz")
