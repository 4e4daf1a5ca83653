"""The animated cell: how long it takes to open and to answer a slider, beside /gates, and the size of its message."""

import contextlib

from common import (
    Subject,
    browser,
    find_slider,
    median,
    ms,
    open_page,
    options,
    ours,
    quantile,
    report,
    save,
)
from harness import wait_until
from playwright.sync_api import Browser, Page

CELL, GATES = ours("/cell", "/cell"), ours("/gates", "/gates")
BLOCKED = "**/cell.js"
CONTROLS = ".st-key-live_scale input[type=range]"

# What a page shows once its picture is there: the numbers of every box, or the pictures of every heat map.
SHOWN = """window.shown = {
    "/cell": () => {
        const cell = document.querySelector(".rvl");
        if (!cell || getComputedStyle(cell).visibility === "hidden") return "";
        const numbers = [...cell.querySelectorAll("text[data-node]")].map((node) => node.textContent);
        return numbers.length && numbers.every(Boolean) ? numbers.join(" ") : "";
    },
    "/gates": () => [...document.querySelectorAll(".st-key-gates_0 .heatmaplayer image")]
        .map((node) => node.getAttribute("href") ?? node.getAttribute("xlink:href")).join(" "),
    controls: () => (document.querySelector("CONTROLS") ? "there" : ""),
    // What stands around the picture: headline, sliders, and the buttons under it.
    rest: () => [".rv-title", "CONTROLS", ".st-key-cell_take_away button"]
        .every((part) => document.querySelector(part)?.checkVisibility()) ? "there" : "",
    whole: () => (window.shown["/cell"]() ? window.shown.rest() : ""),
};
window.took = {};
window.until = (name, before, start) => {
    delete window.took[name];
    const look = () => {
        const now = window.shown[name]();
        if (!now || now === before) return requestAnimationFrame(look);
        // It is in the document now, and on the screen after the next two frames.
        requestAnimationFrame(() => requestAnimationFrame(() => { window.took[name] = performance.now() - start; }));
    };
    requestAnimationFrame(look);
};""".replace("CONTROLS", CONTROLS)


def took(page: Page, name: str) -> float:
    """Seconds until what :data:`SHOWN` waits for was there."""
    return float(wait_until(page, f"window.took['{name}']", 60)) / 1000


def fresh(chrome: Browser, url: str, path: str, *names: str, bare: bool = False) -> list[float]:
    """A new visitor on a warm server: seconds to each of these things. ``bare`` leaves the animated cell out."""
    page = chrome.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.add_init_script(SHOWN)
    if bare:
        page.route(BLOCKED, lambda route: route.abort())
    page.goto(url + path, wait_until="commit")
    page.evaluate("(names) => names.forEach((name) => until(name, '', 0))", names)  # 0: the visit's beginning
    found = [took(page, name) for name in names]
    page.context.close()
    return found


def by_menu(page: Page, path: str, name: str) -> float:
    """Seconds from a click on the menu to something of that page, for who is already there."""
    page.evaluate("([name]) => addEventListener('pointerdown', (e) => until(name, '', e.timeStamp), "
                  "{once: true, capture: true})", [name])  # fmt: skip
    page.get_by_role("link", name=path.strip("/").title(), exact=True).first.click()
    return took(page, name)


def press(page: Page, subject: Subject, key: str) -> float:
    """Seconds from a press of an arrow key on the weight scale to a picture with other numbers."""
    find_slider(page, subject).focus()
    page.evaluate("([name]) => addEventListener('keydown', (e) => until(name, shown[name](), e.timeStamp), "
                  "{once: true, capture: true})", [subject.name])  # fmt: skip
    page.keyboard.press(key)
    return took(page, subject.name)


def size(hidden: int, length: int, name: str) -> float:
    """Kilobytes of the message that holds a run."""
    from rnnviz.experiment import Experiment
    from rnnviz.inside import inside
    from rnnviz.observe import observe
    from rnnviz.ui import wire
    from rnnviz.ui.cell import component

    run = observe(Experiment(cells=(name,), hidden=hidden, length=length), name)
    seen = inside(run.trace.layers[0], run.x, run.gradients.layers[0])
    return len(wire.pack({"data": [component.message(seen)]}, {}, 0)) / 1000


def main() -> None:
    chosen = options(__doc__)
    turns = 3 if chosen.quick else 15
    raw: dict[str, list[float]] = {}

    def note(what: str, *values: float) -> None:
        raw.setdefault(what, []).extend(values)

    with browser() as chrome, contextlib.ExitStack() as stack:
        url = stack.enter_context(CELL.serving()).url
        page, bare = (open_page(chrome, url + GATES.path) for _ in range(2))
        bare.route(BLOCKED, lambda route: route.abort())
        for each in (page, bare):
            each.evaluate(SHOWN)
        for _ in range(turns + 1):
            note("fresh with", *fresh(chrome, url, "/cell", "whole"))
            note("fresh without", *fresh(chrome, url, "/cell", "rest", bare=True))
            for name, tab in (("with", page), ("without", bare)):
                tab.bring_to_front()
                note(f"menu {name}", by_menu(tab, "/cell", "whole" if tab is page else "rest"))
                by_menu(tab, "/gates", "/gates")
            for subject in (CELL, GATES):
                page.bring_to_front()
                controls, picture = fresh(chrome, url, subject.name, "controls", subject.name)
                note(f"controls {subject.name}", controls)
                note(f"fresh {subject.name}", picture)
                page.bring_to_front()
                note(f"menu {subject.name}", by_menu(page, subject.name, subject.name))
                note(
                    f"press {subject.name}",
                    *(press(page, subject, f"Arrow{way}") for way in ("Right", "Left")),
                )
    # The first round warmed up.
    raw = {what: values[len(values) // (turns + 1) :] for what, values in raw.items()}
    head = ["what", "/cell, median / p95", "/gates, median / p95", "difference of the medians"]
    rows = []
    for what, words in (
        ("controls", "a new visitor, to the first slider"),
        ("fresh", "a new visitor, to the picture"),
        ("menu", "a click on the menu, to the picture"),
        ("press", "a press of an arrow key, to other numbers"),
    ):
        a, b = raw[f"{what} /cell"], raw[f"{what} /gates"]
        rows.append(
            [
                words,
                *(f"{ms(median(t))} / {ms(quantile(t, 0.95))}" for t in (a, b)),
                f"{1000 * (median(a) - median(b)):+.0f} ms",
            ]
        )
    sizes = ", ".join(
        f"{name.upper()} T={length} H={hidden}: {size(hidden, length, name):.0f} KB"
        for name, hidden, length in (
            ("lstm", 16, 60),
            ("lstm", 64, 200),
            ("lstm", 128, 500),
            ("gru", 128, 500),
        )
    )
    added = ", ".join(
        f"{words} {1000 * (median(raw[f'{what} with']) - median(raw[f'{what} without'])):+.0f} ms"
        for what, words in (("fresh", "a new visitor"), ("menu", "a click on the menu"))
    )
    report(
        "cell",
        "The animated cell",
        head,
        rows,
        f"Goal: opening it adds at most 150 ms to the page. The whole page against the same page without it: {added}. "
        f"Messages: {sizes}.",
    )
    save("cell", raw, chosen.save)


if __name__ == "__main__":
    main()
