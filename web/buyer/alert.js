// Telling a buyer who looks elsewhere that it is their turn: title, sound, notification.

import { t } from "./language.js";
import { keepSetting, setting } from "./store.js";
import * as worker from "./worker.js";

let audio = null;
let blinking = null;

/** Whether this browser can do more than change the title. */
export const possible = () => "AudioContext" in window || "Notification" in window;

/** Whether the buyer wants to be told: "notification", "sound", or null. */
export const wanted = () => (setting("alert") ? (notifies() ? "notification" : "AudioContext" in window ? "sound" : null) : null);

function notifies() {
  return "Notification" in window && Notification.permission === "granted";
}

/** Asks for what needs leave. Called from a click, without which browsers play no sound. */
export async function enable() {
  keepSetting("alert", true);
  await wake();
  worker.start();
  if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
}

/** A sound needs a gesture on this very page: after a reload, whatever the buyer touches next will do. */
function wakeAtNextGesture() {
  // A finger counts when it is lifted.
  const gestures = ["pointerup", "keydown"];
  const heard = () => {
    gestures.forEach((name) => removeEventListener(name, heard));
    if (setting("alert")) wake();
  };
  gestures.forEach((name) => addEventListener(name, heard));
}

async function wake() {
  if (!("AudioContext" in window)) return;
  try {
    audio ??= new AudioContext();
    await audio.resume();
  } catch {
    // No loudspeaker, or none for us: the title and the notification have to do.
  }
}

wakeAtNextGesture();

/** It is the buyer's turn in this queue. */
export function alertTurn(queue) {
  blink();
  if (!setting("alert")) return;
  chime();
  navigator.vibrate?.([200, 100, 200]);
  if (notifies() && document.visibilityState !== "visible") {
    notify({ body: t.turnBody, tag: `turn-${queue}`, requireInteraction: true, data: { address: `/#/wait/${queue}` } });
  }
}

/** The buyer is inside, and has done nothing for nearly too long. */
export function alertIdle(queue) {
  if (!setting("alert")) return;
  chime();
  navigator.vibrate?.([200, 100, 200]);
  if (notifies() && document.visibilityState !== "visible") {
    notify({ body: t.idleBody, tag: `turn-${queue}`, requireInteraction: true, data: { address: `/#/wait/${queue}` } }, t.idleTitle);
  }
}

async function notify(options, title = t.turn) {
  if (await worker.tell(title, options)) return;
  try {
    const note = new Notification(title, options);
    note.onclick = () => (window.focus(), note.close());
  } catch {
    // Chrome on Android shows notifications from service workers alone; the sound has to do.
  }
}

function chime() {
  if (!audio || audio.state !== "running") return;
  [659.25, 783.99, 1046.5].forEach((frequency, i) => {
    const [tone, gain, at] = [audio.createOscillator(), audio.createGain(), audio.currentTime + i * 0.18];
    tone.frequency.value = frequency;
    gain.gain.setValueAtTime(0.25, at);
    gain.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.6);
  });
}

/** The title says it until the page is looked at. */
function blink() {
  clearInterval(blinking);
  let on = false;
  const turn = () => (document.title = (on = !on) ? `● ${t.turnTitle}` : t.turnTitle);
  turn();
  blinking = setInterval(() => {
    if (document.visibilityState === "visible" && document.hasFocus()) {
      clearInterval(blinking);
      document.title = t.turnTitle;
    } else turn();
  }, 1_000);
}
