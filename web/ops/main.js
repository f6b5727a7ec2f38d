// The operator's page: the door, and the night behind it.

import { h, put, say } from "../shared/dom.js";
import { Bell } from "./alarms.js";
import * as language from "./language.js";
import { t } from "./language.js";
import { Night } from "./night.js";
import * as session from "./session.js";

const bar = document.getElementById("bar");
const view = document.getElementById("view");
const skip = document.querySelector(".skip");
let night = null;
const bell = new Bell();

function title(...right) {
  const other = h("button", { type: "button", class: "plain", lang: t.other.tag }, t.other.name);
  other.addEventListener("click", () => {
    night?.stop();
    language.choose(t.other.tag);
    show();
  });
  skip.textContent = t.skip;
  put(bar, h("strong", { class: "brand" }, "onsale", h("span", { class: "quiet" }, ` ${t.bar.operations}`)), right, other);
}

function showDoor(words = "") {
  night?.stop();
  night = null;
  title();
  const key = h("input", { id: "key", type: "password", autocomplete: "off", required: true, spellcheck: "false" });
  const name = h("input", { id: "name", type: "text", autocomplete: "name", maxlength: "128", required: true });
  const alert = h("p", { role: "alert", class: "alert" }, words);
  const signIn = session.signsIn && [
    h("a", { class: "button primary", href: "/ops/login" }, t.door.signIn),
    h("a", { href: "/ops/login?other=1" }, t.door.signInOther),
    h("h2", {}, t.door.orKey),
  ];
  const form = h(
    "form",
    { class: "panel door" },
    h("h1", {}, t.door.title),
    ...(signIn ? [alert, ...signIn] : []),
    h("p", { class: "quiet" }, t.door.hint),
    h("label", { for: "key" }, t.door.key),
    key,
    h("label", { for: "name" }, t.door.name),
    name,
    !signIn && alert,
    h("button", { class: "primary", type: "submit" }, t.door.open),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say(alert, "");
    const candidate = { key: key.value.trim(), name: [...name.value.trim()].slice(0, 64).join("") };
    try {
      // A key of one's own says whose it is, and that goes on record.
      const { name: own } = await session.call("GET", "whoami", undefined, candidate);
      session.open(candidate.key, own ?? candidate.name);
      showNight();
    } catch (error) {
      say(alert, error.status === 401 ? t.door.wrong : t.door.failed(error.message));
      key.focus();
    }
  });
  put(view, form);
  if (!signIn) key.focus();
}

function showNight() {
  failed = null;
  const { name } = session.current();
  const state = h("span", { class: "live", role: "status" }, t.bar.connecting);
  const leave = h("button", { type: "button", class: "plain" }, t.bar.leave);
  leave.addEventListener("click", async () => {
    night?.stop();
    await session.close();
    showDoor();
  });
  title(state, h("bdi", { class: "quiet who" }, name || t.bar.nobody), soundSwitch(), leave);
  night = new Night(view, {
    bell,
    onstate(words, good) {
      say(state, words);
      state.classList.toggle("good", good);
    },
    onlocked() {
      const words = session.current()?.key ? t.door.expired : t.door.over;
      session.close();
      showDoor(words);
    },
  });
  night.start();
}

function soundSwitch() {
  const button = h("button", { type: "button", class: "plain", "aria-pressed": String(Boolean(bell.isOn)) }, t.bar.sound);
  button.addEventListener("click", () => {
    bell.switch(!bell.isOn);
    button.setAttribute("aria-pressed", String(bell.isOn));
  });
  return button;
}

function show() {
  if (session.current()) showNight();
  else showDoor(failed && (t.door.failedSignIn[failed] ?? t.door.failedSignIn.refused));
}

/** Why whoever comes back from the identity provider has not signed in. */
let failed = new URLSearchParams(location.hash.slice(1)).get("login");

language.start();
if (failed !== null) history.replaceState(null, "", location.pathname + location.search);
await session.find();
show();
