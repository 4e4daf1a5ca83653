"""Key press to painted picture in Chromium: our pages against Streamlit's default pages with the same charts.

One press of an arrow key on a focused slider. The picture is painted when the marks of every chart that
answers have changed and two animation frames have passed. One probe measures both sides, which take
turns.
"""

from common import (
    Subject,
    browser,
    find_slider,
    median,
    ms,
    open_subjects,
    options,
    ours,
    peer,
    quantile,
    report,
    save,
)
from harness import wait_until
from playwright.sync_api import Page

PAIRS = [
    ("line page", peer("line, default", "line.py"), ours("/gradients", "/gradients")),
    ("heat maps", peer("heat maps, default", "heatmaps.py"), ours("/gates", "/gates")),
]
LARGE = [
    (
        "heat maps, 64 x 200",
        peer("heat maps 64 x 200, default", "heatmaps.py", BENCH_UNITS="64", BENCH_STEPS="200"),
        ours("/gates 64 x 200", "/gates?hidden=64&length=200"),
    ),
]
CALM = 250  # ms without a change after which the answer to a press counts as complete


def press(page: Page, subject: Subject, key: str) -> float:
    """Seconds from one key press to the painted picture."""
    page.bring_to_front()
    find_slider(page, subject).focus()
    page.evaluate("probe.arm()")
    page.keyboard.press(key)
    return float(wait_until(page, f"probe.painted({CALM})")) / 1000


def main() -> None:
    chosen = options(__doc__)
    pairs = PAIRS if chosen.quick else PAIRS + LARGE
    presses, warm = (6, 2) if chosen.quick else (40, 4)
    subjects = [subject for _, *both in pairs for subject in both]
    times: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    with browser() as chrome, open_subjects(chrome, subjects) as pages:
        for turn in range(warm + presses):
            # There and back, so that the slider never comes to its end.
            key = "ArrowRight" if turn // 20 % 2 == 0 else "ArrowLeft"
            for subject in subjects:
                took = press(pages[subject.name], subject, key)
                if turn >= warm:
                    times[subject.name].append(took)
    rows = []
    for name, default, own in pairs:
        a, b = times[default.name], times[own.name]
        rows.append(
            [
                name,
                *(f"{ms(median(t))} / {ms(quantile(t, 0.95))}" for t in (a, b)),
                f"{median(b) / median(a):.2f}x",
            ]
        )
    head = ["page", "Streamlit's default, median / p95", "rnnviz, median / p95", "ratio of the medians"]
    report("latency", "Key press to painted picture", head, rows, f"{presses} presses each, taking turns.")
    save("latency", times, chosen.save)


if __name__ == "__main__":
    main()
