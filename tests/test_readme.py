"""The README's snippets run, in order, and print what their comments promise."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_snippets_run_and_print_the_shapes_they_promise(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(SNIPPETS) == 6
    names: dict[str, object] = {}
    for snippet in SNIPPETS:
        exec(snippet, names)
    printed = capsys.readouterr().out
    promised = re.findall(r"# (torch\.Size\(\[[\d, ]+\]\))", "".join(SNIPPETS))
    assert promised
    assert re.findall(r"torch\.Size\(\[[\d, ]+\]\)", printed) == promised


def test_what_it_names_is_there() -> None:
    root = Path(__file__).parents[1]
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (root / target).exists(), target
    makefile = (root / "Makefile").read_text("utf-8")
    for verb in re.findall(r"make (\w+)", README):
        if verb not in ("make", "are"):
            assert f"\n{verb}:" in makefile, verb
