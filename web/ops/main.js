// The operator's page: the door, and the night behind it.

import { h, put, say } from "../shared/dom.js";
import { Night } from "./night.js";
import * as session from "./session.js";

const bar = document.getElementById("bar");
const view = document.getElementById("view");
let night = null;

function title(...right) {
  put(bar, h("strong", { class: "brand" }, "onsale", h("span", { class: "quiet" }, " operations")), right);
}

function showDoor(words = "") {
  night?.stop();
  night = null;
  title();
  const key = h("input", { id: "key", type: "password", autocomplete: "off", required: true, spellcheck: "false" });
  const name = h("input", { id: "name", type: "text", autocomplete: "name", maxlength: "128", required: true });
  const alert = h("p", { role: "alert", class: "alert" }, words);
  const form = h(
    "form",
    { class: "panel door" },
    h("h1", {}, "Operations"),
    h("p", { class: "quiet" }, "The admin key was shown at the first start. It is kept in keys.toml in the data directory, or in the table secrets where nodes share a store."),
    h("label", { for: "key" }, "Admin key"),
    key,
    h("label", { for: "name" }, "Your name, for the record of levers"),
    name,
    alert,
    h("button", { class: "primary", type: "submit" }, "Open"),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say(alert, "");
    const candidate = { key: key.value.trim(), name: [...name.value.trim()].slice(0, 64).join("") };
    try {
      await session.call("GET", "state", undefined, candidate);
      session.open(candidate.key, candidate.name);
      showNight();
    } catch (error) {
      say(alert, error.status === 401 ? "That key opens nothing here." : `It cannot be opened: ${error.message}`);
      key.focus();
    }
  });
  put(view, form);
  key.focus();
}

function showNight() {
  const { name } = session.current();
  const state = h("span", { class: "live", role: "status" }, "connecting");
  const leave = h("button", { type: "button", class: "plain" }, "Sign out");
  leave.addEventListener("click", () => {
    session.close();
    showDoor();
  });
  title(state, h("span", { class: "quiet who" }, name || "no name"), leave);
  night = new Night(view, {
    onstate(words, good) {
      say(state, words);
      state.classList.toggle("good", good);
    },
    onlocked() {
      session.close();
      showDoor("The key is not valid any more.");
    },
  });
  night.start();
}

if (session.current()) showNight();
else showDoor();
