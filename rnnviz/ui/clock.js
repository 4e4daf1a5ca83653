// One time for the whole page. Charts listen to "rnnviz:time" {t, at, playing} and may also be moved by it:
// t is the step (0 ...), at the place between steps while playing.
const still = matchMedia("(prefers-reduced-motion: reduce)");

let steps = 1;
let at = null; // null: nobody has moved it yet
let playing = false;
let frame = 0;

export const now = (count) => Math.min(at ?? count - 1, count - 1);
export const isPlaying = () => playing;
export const touched = () => at !== null;

function announce() {
  const detail = { t: Math.round(at), at, playing, steps };
  window.dispatchEvent(new CustomEvent("rnnviz:time", { detail }));
}

// Charts say how many steps they have; the position is kept, or clamped where the run has become shorter.
export function setSteps(count) {
  steps = count;
  if (at !== null && at > steps - 1) at = steps - 1;
}

export function go(t) {
  at = Math.min(Math.max(t, 0), steps - 1);
  announce();
}

export function pause() {
  if (!playing) return;
  playing = false;
  cancelAnimationFrame(frame);
  at = Math.round(at);
  announce();
}

// Twenty steps a second, but a sweep takes no less than 3 and no more than 12 seconds.
const rate = () => steps / Math.min(Math.max(steps / 20, 3), 12);

// With `back` from the last step to the first.
export function play({ back = false } = {}) {
  if (playing || steps < 2) return;
  playing = true;
  const over = () => (back ? at <= 0 : at >= steps - 1);
  if (at === null || over()) at = back ? steps - 1 : 0;
  let exact = at;
  let before = performance.now();
  const tick = (time) => {
    if (!playing) return;
    const by = (Math.max(time - before, 0) / 1000) * rate();
    exact = Math.min(Math.max(back ? exact - by : exact + by, 0), steps - 1);
    before = time;
    // Who prefers less motion gets whole steps, no gliding.
    at = still.matches ? (back ? Math.ceil(exact) : Math.floor(exact)) : exact;
    announce();
    if (over()) pause();
    else frame = requestAnimationFrame(tick);
  };
  announce();
  frame = requestAnimationFrame(tick);
}

// Someone else on the page may set the time by the same event, without "steps".
window.addEventListener("rnnviz:time", ({ detail }) => {
  if (detail && detail.steps === undefined && Number.isFinite(detail.t)) go(detail.t);
});
