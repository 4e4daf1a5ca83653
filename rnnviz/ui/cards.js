// Cards to choose from, each with a miniature: a group of radio buttons. The choice shows at once and is then sent.
import { read } from "./drawing.js";
import { make } from "./page.js";

const groups = new WeakMap();

export default function cards({ data, parentElement, setStateValue }) {
  let group = groups.get(parentElement);
  if (!group) groups.set(parentElement, (group = new Group(parentElement)));
  group.update(data, setStateValue);
  return () => setTimeout(() => { if (!parentElement.isConnected) groups.delete(parentElement); });
}

class Group {
  constructor(parent) {
    this.parent = parent;
    this.sent = 0;
    this.node = make("div", { class: "rva-cards", role: "radiogroup", onkeydown: (event) => this.key(event) });
    parent.append(this.node);
  }

  update(data, send) {
    const outside = !this.data || data.version !== this.data.version;
    const first = !this.data;
    this.data = data;
    this.send = send;
    this.node.setAttribute("aria-label", data.label);
    const framed = JSON.stringify(data.cards);
    if (framed !== this.framed) {
      this.framed = framed;
      this.node.replaceChildren(...data.cards.map((card) => make("button", {
        type: "button", role: "radio", class: "rva-card", title: card.help, "data-value": card.value,
        onclick: () => this.choose(card.value) }, read(card.svg), make("span", {}, card.label))));
    }
    if (first) this.sent = data.seq;
    // An answer to an older choice does not take the newest one back.
    this.show(outside || data.seq >= this.sent ? data.value : this.value);
    this.parent.style.minHeight = "";
  }

  show(value) {
    this.value = value;
    for (const card of this.node.children) {
      const on = card.dataset.value === value;
      card.setAttribute("aria-checked", on);
      card.tabIndex = on ? 0 : -1;
    }
  }

  choose(value) {
    if (value === this.value) return;
    this.show(value);
    this.sent = Math.max(this.sent, this.data.seq) + 1;
    this.send("value", { v: value, seq: this.sent, version: this.data.version });
  }

  // As in any group of radio buttons: the arrows move the choice, Home and End go to its ends.
  key(event) {
    const all = [...this.node.children];
    const at = all.findIndex((card) => card.dataset.value === this.value);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
    if (!(event.key in to) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const next = all[(to[event.key] + all.length) % all.length];
    next.focus();
    this.choose(next.dataset.value);
  }
}
