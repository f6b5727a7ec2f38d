// What is around every view: the bar with the session's clock, notices, questions, and the foot.

import { until } from "../shared/clock.js";
import { h, put, say } from "../shared/dom.js";
import { t } from "./language.js";
import * as queue from "./queue.js";

const barElement = document.querySelector("#bar");
const notices = document.querySelector("#notices");
const session = h("a", { class: "session", hidden: true });

/** Draws the bar; `current` is the name of the view. */
export function bar(current) {
  const link = (name, text) =>
    h("a", { href: `#/${name}`, "aria-current": current === name ? "page" : null }, text);
  const mark = h("a", { class: "mark", href: "#/", "aria-label": t.title }, h("span", { "aria-hidden": "true" }), h("b", {}, t.title));
  put(barElement, mark, session, h("nav", {}, link("", t.home), link("mine", t.mine)));
  tick();
}

function tick() {
  const inside = queue.sessions()[0];
  session.hidden = !inside;
  if (!inside) return;
  const left = until(inside.place.sessionExpiresAt);
  session.href = `#/wait/${encodeURIComponent(inside.queue)}`;
  session.classList.toggle("urgent", left < 60_000);
  session.setAttribute("aria-label", t.session(t.clock(left)));
  say(session, t.clock(left));
}

setInterval(tick, 250);

/** Shows a notice under its name until it is replaced, closed (`text` null), or `forMs` are over. */
export function notice(name, text, forMs) {
  let element = notices.querySelector(`[data-name="${name}"]`);
  if (!text) return element?.remove();
  if (!element) notices.append((element = h("div", { class: "notice", "data-name": name })));
  const close = h("button", { class: "plain", "aria-label": t.close, onclick: () => element.remove() }, "×");
  put(element, h("span", {}, text), close);
  if (forMs) setTimeout(() => element.remove(), forMs);
}

/** Asks before what cannot be taken back; whether the answer was yes. */
export function confirm(question, yes) {
  return new Promise((resolve) => {
    const answer = (value) => () => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const dialog = h(
      "dialog",
      { "aria-label": question, oncancel: answer(false) },
      h("p", {}, question),
      h(
        "div",
        { class: "row end" },
        h("button", { onclick: answer(false) }, t.cancel),
        h("button", { class: "primary", onclick: answer(true) }, yes),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A button that is busy, and deaf, while what it does is under way. */
export function button(label, busy, work, kind = "primary") {
  const element = h("button", { class: kind, type: "button" }, label);
  element.addEventListener("click", async () => {
    if (element.getAttribute("aria-disabled") === "true") return;
    element.setAttribute("aria-disabled", "true");
    say(element, busy);
    try {
      await work();
    } finally {
      element.removeAttribute("aria-disabled");
      say(element, label);
    }
  });
  return element;
}

export function foot(switchLanguage) {
  put(
    document.querySelector("#foot"),
    h("p", {}, t.demo),
    h(
      "p",
      { class: "row" },
      h("button", { class: "plain", lang: t.tag === "ko" ? "en" : "ko", onclick: switchLanguage }, t.language),
      h("a", { href: "/docs", "aria-label": t.docsLong }, t.docs),
    ),
  );
}
