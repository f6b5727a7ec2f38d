// A lever is moved after one look at what it will do.

import { h, put, say } from "../shared/dom.js";
import { t } from "./language.js";

/**
 * Asks before something is done, does it, and says what went wrong where it was not. Whether it was done.
 * @param {Question} asked
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, changes = [], verb, grave = false, reason = false, act }) {
  const alert = h("p", { role: "alert", class: "alert" });
  const doing = h("button", { type: "button", class: grave ? "grave" : "primary" }, verb);
  const leave = h("button", { type: "button" }, t.levers.cancel);
  const why = h("input", { id: "reason", maxlength: "200", autocomplete: "off", required: reason });
  const rows = changes.map(([what, before, after]) =>
    h("tr", {}, h("th", { scope: "row" }, what), h("td", {}, before), h("td", {}, "→ ", h("strong", {}, after))),
  );
  const dialog = h(
    "dialog",
    { "aria-labelledby": "confirm-title" },
    h("h2", { id: "confirm-title" }, title),
    text && h("p", {}, text),
    rows.length > 0 && h("table", { class: "changes" }, h("tbody", {}, rows)),
    reason && h("div", { class: "field" }, h("label", { for: "reason" }, t.levers.reason), why),
    alert,
    h("div", { class: "row end" }, leave, doing),
  );
  return new Promise((resolve) => {
    let done = false;
    doing.addEventListener("click", async () => {
      if (doing.getAttribute("aria-disabled") === "true") return;
      if (reason && why.value.trim() === "") {
        say(alert, t.levers.reasonless);
        why.focus();
        return;
      }
      doing.setAttribute("aria-disabled", "true");
      say(alert, "");
      try {
        await act(why.value.trim());
        done = true;
        dialog.close();
      } catch (error) {
        say(alert, error.message);
      } finally {
        doing.removeAttribute("aria-disabled");
      }
    });
    leave.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(done);
    });
    document.body.append(dialog);
    dialog.showModal();
    (reason ? why : leave).focus();
  });
}

/** A region that says what was done last. */
export function announcer() {
  const region = h("p", { role: "status", class: "quiet said" });
  return { region, tell: (text) => put(region, text) };
}
