"""From `streamlit run` to the first painted page: a fresh server each time, a bare app and ours taking turns.

The clock starts with the process. The browser runs already and, its cache empty, opens the page as soon
as the server answers. Painted: the control is visible and two animation frames have passed. Drawn: the
chart has marks.
"""

import time

from common import Subject, browser, find_slider, median, open_page, options, ours, peer, report, save
from harness import wait_until

PAIRS = [
    ("a page with a slider", peer("bare app", "bare.py"), ours("/gates", "/gates")),
    ("a page with a chart", peer("line, default", "line.py"), ours("/gradients", "/gradients")),
    ("the home page", peer("bare app (home)", "bare.py"), Subject("/", ours("", "").app, "/", "h1")),
]
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def start(chrome: object, subject: Subject) -> dict[str, float]:
    """Seconds from the start of the process to the server's answer, the controls, and the first chart."""
    began = time.perf_counter()
    with subject.serving() as server:
        answered = time.perf_counter() - began
        page = open_page(chrome, server.url + subject.path, settle=False)
        find_slider(page, subject)
        page.evaluate(FRAMES)
        found = {"answer": answered, "controls": time.perf_counter() - began}
        if "bare" not in subject.name:
            wait_until(page, "probe.signatures().length > 0", 60)
            page.evaluate(FRAMES)
            found["chart"] = time.perf_counter() - began
        page.context.close()
    return found


def main() -> None:
    chosen = options(__doc__)
    repetitions = 1 if chosen.quick else 7
    raw: dict[str, list[dict[str, float]]] = {subject.name: [] for _, *both in PAIRS for subject in both}
    with browser() as chrome:
        for turn in range(repetitions + 1):  # the first fills the disk cache
            for _, *both in PAIRS:
                for subject in both:
                    found = start(chrome, subject)
                    if turn:
                        raw[subject.name].append(found)

    def middle(subject: Subject, what: str) -> float | None:
        found = [run[what] for run in raw[subject.name] if what in run]
        return median(found) if found else None

    def seconds(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f} s"

    rows = []
    for name, bare, own in PAIRS:
        a, b = middle(bare, "controls"), middle(own, "controls")
        c, d = middle(bare, "chart"), middle(own, "chart")
        ratio = f"{b / a:.2f}x" if a and b else "–"
        rows.append([name, seconds(a), seconds(b), ratio, seconds(c), seconds(d)])
    head = [
        "page",
        "default app, painted",
        "rnnviz, painted",
        "ratio",
        "default app, first chart",
        "rnnviz, first chart",
    ]
    report(
        "cold", "Cold start to the first painted page", head, rows, f"Medians of {repetitions} starts each."
    )
    save("cold", raw, chosen.save)


if __name__ == "__main__":
    main()
