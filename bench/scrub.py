"""Frames a second while time plays in the browser, T=200, against what the display gives an idle page."""

from common import browser, median, open_subjects, options, ours, report, save

SUBJECTS = [
    ours("/gates", "/gates?length=200"),
    ours("/states", "/states?length=200"),
    ours("/gradients", "/gradients?length=200"),
    ours("/cell", "/cell?length=200"),
]

# Frames in the time, and those among them in which a cursor, a head or a path had moved.
COUNT = """(milliseconds) => new Promise((resolve) => {
    const marks = ".rvc-overlay [transform], .rvc-overlay path, .rvc-range";
    const look = () => [...document.querySelectorAll(marks)]
        .map((mark) => [mark.getAttribute("transform"), mark.getAttribute("d"), mark.value,
            mark.style.getPropertyValue("--fill")].join(" ")).join("|");
    let frames = 0, moved = 0, before = look(), longest = 0, last;
    const start = performance.now();
    const tick = (time) => {
        const now = look();
        frames += 1;
        moved += now !== before;
        before = now;
        if (last !== undefined) longest = Math.max(longest, time - last);
        last = time;
        const passed = performance.now() - start;
        if (passed < milliseconds) requestAnimationFrame(tick);
        else resolve({frames: 1000 * frames / passed, moved: 1000 * moved / passed, longest});
    };
    requestAnimationFrame(tick); })"""


def main() -> None:
    chosen = options(__doc__)
    repetitions, span = (1, 1500) if chosen.quick else (5, 4000)
    raw: dict[str, list[dict[str, float]]] = {subject.name: [] for subject in SUBJECTS}
    with browser() as chrome, open_subjects(chrome, SUBJECTS) as pages:
        for _ in range(repetitions):
            for subject in SUBJECTS:
                page = pages[subject.name]
                page.bring_to_front()
                idle = page.evaluate(COUNT, span)
                # From the first step, else the sweep ends in between. Charts without time have a hidden bar.
                page.locator(".rvc-time:not([hidden]) input[type=range]").first.press("Home")
                page.get_by_role("button", name="Play").first.click()
                play = page.evaluate(COUNT, span)
                page.get_by_role("button", name="Pause").first.click()
                raw[subject.name].append({"idle": idle["frames"], **play})
    rows = []
    for name, runs in raw.items():
        moved, idle = median([run["moved"] for run in runs]), median([run["idle"] for run in runs])
        longest = median([run["longest"] for run in runs])
        rows.append([name, f"{idle:.1f}", f"{moved:.1f}", f"{moved / idle:.2f}x", f"{longest:.0f} ms"])
    head = ["page", "idle page, frames/s", "playing, frames/s with a move", "ratio", "longest gap"]
    report(
        "scrub",
        "Time playing in the browser, T=200",
        head,
        rows,
        "Goal: 60 frames a second, the display's own.",
    )
    save("scrub", raw, chosen.save)


if __name__ == "__main__":
    main()
