// Korean or English: what the address says, else what the operator chose, else what the browser prefers.

import { text as en } from "./text/en.js";
import { text as ko } from "./text/ko.js";

const STORE = "onsale-ops-language";
/** @type {Record<string, Words<typeof en>>} */
const texts = { en, ko };

/** The words of the language in use. @type {Words<typeof en>} */
export let t = en;

function use(tag) {
  t = texts[tag] ?? en;
  document.documentElement.lang = t.tag;
  document.title = t.title;
}

export function start() {
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = [asked, chosen(), ...navigator.languages.map((language) => language.slice(0, 2))];
  use(wanted.find((tag) => Object.hasOwn(texts, tag ?? "")));
}

export function choose(tag) {
  try {
    localStorage.setItem(STORE, tag);
  } catch {
    // Where nothing is kept, it holds until the page is left.
  }
  history.replaceState(null, "", location.pathname);
  use(tag);
}

function chosen() {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null;
  }
}
