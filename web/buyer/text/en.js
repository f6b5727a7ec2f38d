// The page's words in English. Refusals are worded by the server; here is what the page itself says.

import { named } from "../../shared/names.js";

const count = (n) => n.toLocaleString("en");

/** "4 min" or "2 h 10 min": long waits are not known to the minute, so those are rounded to ten. */
function span(s) {
  const minutes = Math.max(1, Math.ceil(s / 60));
  if (minutes < 90) return `${minutes} min`;
  const round = Math.ceil(minutes / 10) * 10;
  return round % 60 ? `${count(Math.floor(round / 60))} h ${round % 60} min` : `${count(round / 60)} h`;
}

const ordinals = new Intl.PluralRules("en", { type: "ordinal" });
const SUFFIXES = { one: "st", two: "nd", few: "rd", other: "th" };
const nth = (n) => `${count(n)}${SUFFIXES[ordinals.select(n)]}`;

/** Beyond this a figure says nothing any more. */
const LONG_S = 12 * 3600;

/** What is likely, and where it can be much longer, how long at the most. */
function wait(likely, most) {
  if (likely >= LONG_S) return `More than ${span(LONG_S)} to go at this pace: longer than this sale may last`;
  const about = likely < 60 ? "Likely less than a minute" : `About ${span(likely)}`;
  return `${about} to go${most > 2 * Math.max(likely, 60) ? `; ${span(most)} at the most, should everybody inside take all their time` : ""}`;
}

const seatsHeld = (n) => (n === 1 ? "1 seat" : `${count(n)} seats`);

export const text = {
  tag: "en",
  title: "onsale",
  language: "한국어",
  skip: "Skip to the content",
  home: "Concerts",
  mine: "My tickets",
  docs: "API",
  docsLong: "For developers: the API",
  demo: "A demo shop: this browser is the buyer, and the money is not real.",
  loading: "Loading…",
  offlineTicket: "No connection. The tickets that this browser keeps are shown.",
  broken: "Something went wrong on this page. Reload it; your place, your seat and your tickets are kept.",
  blocked: "This request is not allowed from here. If you came from a shop, go back to it and start there.",
  offline: "No connection. Your place is kept, and a seat that you hold until its time is over. This goes on by itself when you are back.",
  trying: "The server is busy. Trying again; nothing was lost.",
  close: "Close",
  retry: "Try again",
  from: (price) => `from ${price}`,
  fromGratis: "some free of charge",
  seats: (n) => `${count(n)} seats`,
  left: (n, of) => `${count(n)} of ${count(of)} left`,
  leftShort: (n) => `${count(n)} left`,
  soldOut: "Sold out",
  saleClosed: "Not on sale now",
  over: "Over",
  concertOver: "This concert is over.",
  gratis: "free of charge",
  moreDates: (n) => `${count(n)} more dates`,
  dates: (n, open) => (open === n ? `${count(n)} ${n === 1 ? "date" : "dates"}` : `${count(open)} of ${count(n)} dates can be had`),
  searchDates: "Find a date: title, day or month",
  noDates: "No date has all of these words.",
  search: "Find a concert",
  queueClosed: "The sale is closed: nobody can join the queue now.",
  queuePaused: "Nobody is being let in just now.",
  nothingLeft: "Nothing is free at the moment. A seat that somebody holds and does not pay comes back.",
  nothingOnSale: "Nothing is on sale yet. Come back soon.",
  join: "Join the queue",
  joining: "Joining…",
  placeLost: "The place that you had is over: whoever joins again starts at the end of the line.",
  goOn: "Go on",
  inLine: (n) => `You are ${nth(n)} in line`,
  inside: "You are in",
  yourPlace: "Your place",
  ahead: (n) => (n === 0 ? "You are next" : n === 1 ? "1 person is ahead of you" : `${count(n)} people are ahead of you`),
  wait,
  waitClosed: "The queue is closed: nobody is let in any more, however long you wait. What you hold or have paid stays yours.",
  waitUnknown: "Nobody is being let in just now. Your place is kept.",
  waitBar: "How far you have come",
  waitTitle: (n) => `#${count(n)} in line`,
  keepTitle: "You may leave this page",
  keep: [
    "Close the tab, lock the phone, lose the connection: your place stays yours.",
    "When your turn comes you have to be here. If you are away then, you are passed over; come back within a few minutes and you are next.",
    "Reloading does not cost your place, and does not make you faster.",
  ],
  notify: "Tell me when it is my turn",
  notifyOn: "We will tell you with a sound and a notification, while this page is open",
  notifySound: "We will tell you with a sound, while this page is open and the phone is awake",
  move: "Move to another device",
  moveHelp: "Open this link on the other device. Whoever has it has your place: keep it to yourself.",
  moveCopy: "Copy the link",
  moveCopied: "Copied",
  moveAsk: "This link makes this browser another buyer. A place in line that it has is given up here; tickets stay under “My tickets”. Take over the other place?",
  moveBroken: "This link leads to no place of this shop: it is broken, too old, or another shop's. Nothing was changed.",
  moveUnanswered: "The link could not be checked, as there was no answer. Open it again.",
  ticketsHere: "The tickets are shown on this device now.",
  linkQr: "QR code of the link",
  moveDone: "Your place is on this device now.",
  moveYes: "Take over",
  leave: "Leave the queue",
  leaveAsk: "Give up your place? You would have to start at the end.",
  leaveHeld: (n, until) => `You hold ${seatsHeld(n)} until ${until}. That stays so: pay or give back under “My tickets”.`,
  leaveYes: "Give it up",
  cancel: "Cancel",
  live: "live",
  polling: "checking now and then",
  turn: "It is your turn!",
  turnTitle: "Your turn! · onsale",
  turnBody: "Come in and choose your seats.",
  session: (time) => `${time} left to choose`,
  sessionLabel: "Time left to choose",
  chooseDate: "Choose a date",
  choose: "Choose seats",
  doneTitle: "You are done here",
  done: "Your visit has ended. To buy more, join again: you start at the end of the line.",
  expiredTitle: "Your time is over",
  expired: "The time of your visit is over, or you were away when your turn came. A seat that you hold can still be paid until its time is over.",
  again: "Join again",
  joinFirst: "Seats are shown to those inside. Join the queue, and choose when it is your turn.",
  map: "Seat map",
  stage: "STAGE",
  sections: "Sections",
  section: (name) => (name ? named(name, `Section ${name}`) : "Seats"),
  row: (name) => named(name, `Row ${name}`),
  seat: (name) => named(name, `Seat ${name}`),
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  zoomFit: "Show all",
  list: "Choose from a list",
  listHelp: "Arrow keys move between seats; Enter chooses.",
  free: "free",
  held: "held by somebody",
  sold: "sold",
  yours: "yours",
  legendTaken: "Taken",
  legendChosen: "Chosen",
  legendMine: "Yours",
  priceFilter: "Prices: press one to see it alone",
  pick: "Choose a section, then a seat.",
  hold: (price) => `Hold this seat · ${price}`,
  holding: "Holding…",
  justTaken: "This seat was just taken.",
  beside: (n) => (n === 0 ? "Nothing near it is free; look at another section." : n === 1
    ? "This one near it is free:" : `These ${n} near it are free:`),
  gone: "The seat that you had chosen was just taken.",
  goMine: (n, until) => `You hold ${seatsHeld(n)} until ${until}: pay`,
  goHeld: "To the seats that you hold",
  otherDates: "Other dates",
  payTitle: "Pay your seat",
  holdLeft: "Time left to pay",
  holdOver: "The time is over, and the seat is free again. Nothing was paid for it; what you added is in your wallet.",
  toMap: "Choose another seat",
  price: "Price",
  wallet: "Wallet",
  missing: (sum) => `${sum} more is needed.`,
  charge: (sum) => `Add ${sum} to the wallet`,
  add: "Add",
  addSum: "Amount to add",
  addWhole: (least) => `Please give an amount above 0, in steps of ${least}.`,
  addEither: (typed, one, other) => `“${typed}” can be read as ${one} or as ${other}. Please write it without a comma, and with a point before the decimals.`,
  earlierAdded: (sum) => `${sum} that you had added before was not confirmed. It was completed now, once.`,
  earlierIsAll: (sum) => `${sum} that you had added before was not confirmed. It was completed now, and nothing was added twice. To add as much again, type it again.`,
  earlierRefused: (sum) => `${sum} that you had added before was not confirmed, and was refused now: it is not in your wallet.`,
  chargeLimited: "The wallet does not take this much at once. Add it in smaller amounts under “My tickets”; the seat stays yours until its time is over.",
  charging: "Adding…",
  pay: (sum) => `Pay ${sum}`,
  paying: "Paying…",
  release: "Give the seat back",
  releaseAsk: "Give this seat back? Somebody else may take it at once.",
  releaseYes: "Give it back",
  payEnds: "Paying ends your visit: you cannot choose more seats after it.",
  payMore: "Choose another seat first",
  payOthers: (n, until) => `You hold ${seatsHeld(n)} more until ${until}. Each is paid on its own, also when your visit has ended:`,
  payOther: (time) => `the other seat, ${time} left`,
  otherHold: (n) => (n === 1 ? "You hold another seat. Its time runs on:" : `You hold ${seatsHeld(n)} more. Their time runs on:`),
  payOtherNow: (time) => `Pay it, too · ${time} left`,
  paid: "Paid. Enjoy the concert!",
  ticket: "Ticket",
  ticketHelp: "Show this code at the gate.",
  ticketOffline: "This page is kept: it opens here without a connection, too.",
  ticketOnline: "This browser cannot keep the page: without a connection it may not open. Save the picture.",
  onlyHere: "Only this browser has this ticket. Save it as a picture, print it, or open it on another device.",
  savePicture: "Save as picture",
  saveDate: "Add to calendar",
  print: "Print",
  elsewhere: "Show on another device",
  elsewhereHelp: "Scan or open this link on the other device. It is a secret: whoever has it has your tickets and your wallet.",
  ticketCheck: "Check this ticket",
  ticketQr: (place) => `QR code of the ticket for ${place}`,
  showTicket: "Show ticket",
  goPay: "Pay",
  noneMine: "You have no tickets yet.",
  status: {
    TEMP_RESERVED: "Held: to be paid",
    RESERVED: "Paid",
    EXPIRED: "Lapsed unpaid",
    CANCELLED: "Given back",
    RELEASED: "Released by the organiser",
  },
  clock: (ms) => clock(ms),
  unknownPage: "There is nothing here.",
};

function clock(ms) {
  // Rounded: as the server's time is known to a fraction of a second, ten minutes would begin at 10:01.
  const s = Math.round(ms / 1000);
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}
