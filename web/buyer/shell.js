// What is around every view: the bar with the session's clock, notices, questions, and the foot.

import { until } from "../shared/clock.js";
import { h, put, say } from "../shared/dom.js";
import * as catalog from "./catalog.js";
import { hour, t } from "./language.js";
import * as queue from "./queue.js";
import * as shop from "./shop.js";
import * as store from "./store.js";

const barElement = document.querySelector("#bar");
const notices = document.querySelector("#notices");
const told = document.querySelector("#told");
const session = h("a", { class: "session", hidden: true });

/** Draws the bar; `current` is the name of the view. */
export function bar(current) {
  const link = (name, text) =>
    h("a", { href: `#/${name}`, "aria-current": current === name ? "page" : null }, text);
  const logo = shop.logo();
  const shown = logo ? [h("img", { src: logo, alt: t.title })] : [h("span", { "aria-hidden": "true" }), h("b", {}, t.title)];
  const mark = h("a", { class: "mark", href: "#/", "aria-label": t.title }, ...shown);
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
  if (element?.firstChild.textContent === text) return;
  if (!element) notices.append((element = h("div", { class: "notice", "data-name": name })));
  const close = h("button", { class: "plain", "aria-label": t.close, onclick: () => element.remove() }, "×");
  put(element, h("span", {}, text), close);
  if (forMs) setTimeout(() => element.remove(), forMs);
}

/** Says it to a screen reader, at once, whatever has the focus. */
export function announce(text) {
  put(told);
  // A region that is filled while it is empty is read out, also with the words of the last time.
  setTimeout(() => say(told, text), 50);
}

let current = "";

/** Says, as long as it lasts, that there is no connection; `name` is the view that is shown from now on. */
export function connection(name = current) {
  current = name;
  const away = !navigator.onLine || queue.isAway();
  notice("offline", away ? (["ticket", "mine"].includes(current) ? t.offlineTicket : t.offline) : null);
}

/** For what is tried again: the second time on, the buyer is told; once, where there is no connection. */
export function trying() {
  if (navigator.onLine) notice("busy", t.trying);
  else connection();
}

/** News reach those who choose and pay, too. The waiting page has its own list of them.
 * @param {Wire.News} item */
export function tellNews({ at, kind, scheduleId, text }) {
  if (kind.startsWith("SALE_") || (scheduleId && !catalog.known(scheduleId))) catalog.reload().catch(() => {});
  if (current !== "wait") notice("news", `${hour(at)} ${text[t.tag] || text.en || text.ko}`);
}

/** Asks before what cannot be taken back; whether the answer was yes. `more` is what to know before.
 * @param {string} question
 * @param {string} yes
 * @param {Child} [more]
 * @returns {Promise<boolean>} */
export function confirm(question, yes, more) {
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
      more && h("p", { class: "quiet" }, more),
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

/** Shows a link, to be copied or scanned on another device. */
export async function linkDialog(title, help, link) {
  const { code } = await import("./qr.js");
  const address = h("input", { readonly: true, value: link, "aria-label": title });
  const copy = h("button", { class: "primary", type: "button" }, t.moveCopy);
  copy.addEventListener("click", async () => {
    address.select();
    // Without HTTPS there is no clipboard: the address is selected, to be copied by hand.
    await navigator.clipboard?.writeText(address.value).catch(() => {});
    if (navigator.clipboard) say(copy, t.moveCopied);
  });
  const dialog = h("dialog", { "aria-label": title, onclose: () => dialog.remove() });
  const close = h("button", { type: "button", onclick: () => dialog.close() }, t.close);
  dialog.append(h("h2", {}, title), h("p", {}, help), code(link, t.linkQr), address, h("div", { class: "row end" }, close, copy));
  document.body.append(dialog);
  dialog.showModal();
}

/** A button that is busy, and deaf, while what it does is under way.
 * @param {string} label
 * @param {string} busy
 * @param {() => Promise<unknown>} work */
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
    catalog.isDemo() && h("p", {}, t.demo),
    h(
      "p",
      { class: "row" },
      h("button", { class: "plain", lang: t.tag === "ko" ? "en" : "ko", onclick: switchLanguage }, t.language),
      shop.signsIn() && store.knownUser() && h("a", { href: shop.signInAddress(null, null, true) }, t.signInOther),
      shop.home() && h("a", { href: shop.home(), "data-test": "back" }, t.back(shop.name())),
      shop.imprint() && h("a", { href: shop.imprint() }, t.imprint),
      // A shop's own page is no place to advertise the API.
      !shop.home() && h("a", { href: "/docs", "aria-label": t.docsLong }, t.docs),
    ),
  );
}
