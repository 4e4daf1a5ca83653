"""Pictures per second while a slider is dragged, T=100 and H=32, each computed by the model.

A picture is a frame in which a chart's marks differ from those before; all are counted before the button
is released. Streamlit's own slider sends nothing before that.
"""

from common import browser, find_slider, median, open_subjects, options, ours, peer, report, save
from harness import dragging, sweep

SHAPE = "hidden=32&length=100"
SUBJECTS = [
    peer("heat maps, default", "heatmaps.py", BENCH_UNITS="32", BENCH_STEPS="100"),
    ours("/gates", f"/gates?{SHAPE}"),
    ours("/states", f"/states?{SHAPE}"),
    ours("/gradients", f"/gradients?{SHAPE}"),
    ours("/cell, U, W, V", f"/cell?within=weights&{SHAPE}"),
]


def main() -> None:
    chosen = options(__doc__)
    repetitions = 1 if chosen.quick else 5
    seconds = 1.5 if chosen.quick else 3.0
    rates: dict[str, list[float]] = {subject.name: [] for subject in SUBJECTS}
    events: dict[str, list[float]] = {subject.name: [] for subject in SUBJECTS}
    with browser() as chrome, open_subjects(chrome, SUBJECTS) as pages:
        for turn in range(repetitions + 1):  # the first warms up
            for subject in SUBJECTS:
                page = pages[subject.name]
                page.bring_to_front()
                target = find_slider(page, subject)
                page.evaluate("probe.arm()")
                track = (
                    None if subject.ours else page.locator("[data-testid=stSlider] [role=group] > div").first
                )
                with dragging(target, track) as move:
                    # There and back: one way has 81 values, too few to tell quick from very quick.
                    sweep(move, 0.0, 1.0, seconds / 2)
                    sweep(move, 1.0, 0.0, seconds / 2)
                    held = page.evaluate("[probe.frames().length, probe.events()]")
                if turn:
                    rates[subject.name].append(held[0] / seconds)
                    events[subject.name].append(held[1] / seconds)
                page.wait_for_timeout(500)
    rows = [
        [name, f"{median(rate):.1f}", f"{min(rate):.1f}", f"{median(events[name]):.1f}"]
        for name, rate in rates.items()
    ]
    head = ["page", "pictures/s, median", "least", "drawings by the component/s"]
    report("drag", f"Pictures a second during a drag of {seconds:g} s", head, rows, "Goal: at least 15.")
    save("drag", {"pictures": rates, "drawings": events}, chosen.save)


if __name__ == "__main__":
    main()
