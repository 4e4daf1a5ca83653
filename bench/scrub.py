"""Frames a second while time plays in the browser, against what the display gives an idle page."""

from common import browser, median, open_page, options, ours, report, save
from playwright.sync_api import Page

SUBJECTS = [
    ours("/gates", "/gates?length=200"),
    ours("/states", "/states?length=200"),
    ours("/gradients", "/gradients?length=200"),
    ours("/cell", "/cell?length=200"),
    ours("/cell, T=500, 128 units", "/cell?length=500&hidden=128"),
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


def measure(page: Page, milliseconds: int) -> dict[str, float]:
    """Frames a second of the idle page, then while it plays from the first step (it would else end in between)."""
    idle = page.evaluate(COUNT, milliseconds)
    # Charts without time have a hidden bar.
    page.locator(".rvc-time:not([hidden]) input[type=range]").first.press("Home")
    page.get_by_role("button", name="Play").first.click()
    play = page.evaluate(COUNT, milliseconds)
    page.get_by_role("button", name="Pause").first.click()
    return {"idle": idle["frames"], **play}


def main() -> None:
    chosen = options(__doc__)
    repetitions, span = (1, 1500) if chosen.quick else (5, 4000)
    raw: dict[str, list[dict[str, float]]] = {}
    with browser() as chrome, SUBJECTS[0].serving() as server:
        for subject in SUBJECTS:
            # One page at a time, as a visitor has it; its first run, still being compiled, does not count.
            page = open_page(chrome, server.url + subject.path, probe=False)
            runs = [measure(page, span) for _ in range(1 + repetitions)]
            raw[subject.name] = runs[1:]
            page.context.close()
    rows = []
    for name, runs in raw.items():
        moved, idle = median([run["moved"] for run in runs]), median([run["idle"] for run in runs])
        longest = median([run["longest"] for run in runs])
        rows.append([name, f"{idle:.1f}", f"{moved:.1f}", f"{moved / idle:.2f}x", f"{longest:.0f} ms"])
    head = ["page", "idle page, frames/s", "playing, frames/s with a move", "ratio", "longest gap"]
    report(
        "scrub",
        "Time playing in the browser, T=200 where no other is named",
        head,
        rows,
        "Goal: 60 frames a second, the display's own.",
    )
    save("scrub", raw, chosen.save)


if __name__ == "__main__":
    main()
