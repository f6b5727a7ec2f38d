// Whether a ticket is good. The ticket is behind `#`, so no log on the way has it; it is sent in a body.

import { ask, speak } from "../shared/api.js";
import { h, put } from "../shared/dom.js";
import { named } from "../shared/names.js";

const TEXTS = {
  en: {
    title: "Ticket check",
    VALID: "Valid",
    REPLACED: "Replaced: another ticket counts",
    VOID: "Not valid any more",
    FORGED: "Not a ticket of ours",
    UNREADABLE: "Not read. Please scan again",
    section: (name) => named(name, `Section ${name}`),
    row: (name) => named(name, `Row ${name}`),
    seat: (name) => named(name, `Seat ${name}`),
    priceTypes: { adult: "Adult", child: "Child", youth: "Youth", student: "Student", senior: "Senior", reduced: "Reduced" },
    paste: "Paste a ticket, or scan its QR code with the camera.",
    ticket: "Ticket",
    check: "Check",
    failed: "There is no answer. Check the connection and try again.",
    once: "This page says whether a ticket is good, not whether somebody came in with it already.",
  },
  ko: {
    title: "티켓 확인",
    VALID: "유효한 티켓",
    REPLACED: "재발급됨: 새 티켓만 유효합니다",
    VOID: "더 이상 유효하지 않음",
    FORGED: "저희 티켓이 아닙니다",
    UNREADABLE: "읽지 못했습니다. 다시 스캔해 주세요",
    section: (name) => named(name, `${name} 구역`),
    row: (name) => named(name, `${name}열`),
    seat: (name) => named(name, `${name}번`),
    priceTypes: { adult: "성인", child: "어린이", youth: "청소년", student: "학생", senior: "경로", reduced: "할인" },
    paste: "티켓을 붙여넣거나 카메라로 QR 코드를 찍어 주세요.",
    ticket: "티켓",
    check: "확인",
    failed: "응답이 없습니다. 연결을 확인한 뒤 다시 시도해 주세요.",
    once: "티켓이 유효한지만 알려 주며, 이미 입장에 쓰였는지는 알 수 없습니다.",
  },
};

const view = document.querySelector("#view");
const tag = navigator.languages?.map((l) => l.slice(0, 2)).find((l) => l in TEXTS) ?? "en";
const t = TEXTS[tag];
const SIGNS = { VALID: "✓", REPLACED: "!", VOID: "!", FORGED: "✕", UNREADABLE: "?" };

function form() {
  const field = h("input", { "aria-label": t.ticket, autocomplete: "off", spellcheck: "false" });
  const check = () => (location.hash = `#${field.value.trim().split("#").pop()}`);
  return h("div", { class: "panel ask" }, h("p", { class: "quiet" }, t.paste), field, h("button", { class: "primary", onclick: check }, t.check));
}

async function show() {
  document.documentElement.lang = tag;
  document.title = `${t.title} · onsale`;
  speak(tag);
  const ticket = location.hash.slice(1);
  put(view, h("h1", {}, t.title), ticket ? null : form());
  if (!ticket) return;
  try {
    const { data } = await ask("POST", "/v1/tickets/verify", { body: { ticket } });
    put(view, h("h1", {}, t.title), verdict(data), form(), h("p", { class: "quiet" }, t.once));
  } catch (error) {
    put(view, h("h1", {}, t.title), h("p", { role: "alert" }, error.code ? error.message : t.failed), form());
  }
}

/** @param {Wire.VerifiedTicket} ticket */
function verdict({ verdict, concertTitle, startsAt, section, row, number, seatId, priceType, priceTypeTitle }) {
  const forWhom = priceTypeTitle ?? t.priceTypes[priceType] ?? priceType;
  const seat = [section && t.section(section), row && t.row(row), t.seat(number ?? seatId)];
  return h(
    "section",
    { class: "verdict", "data-verdict": verdict, role: "status" },
    h("p", { class: "sign", "aria-hidden": "true" }, SIGNS[verdict]),
    h("h2", {}, t[verdict]),
    verdict === "FORGED" || verdict === "UNREADABLE" ? null : [
      h("p", { class: "seat" }, seat.filter(Boolean).join(" · ")),
      forWhom && h("p", { "data-test": "price-type" }, h("strong", {}, forWhom)),
      concertTitle && h("p", {}, concertTitle),
      startsAt && h("p", {}, startsAt.slice(0, 16).replace("T", " ")),
    ],
  );
}

addEventListener("hashchange", show);
show();
