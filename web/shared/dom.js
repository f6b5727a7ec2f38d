// Elements without templates: text is only ever text, so nothing that a server sends can become markup.

/** An element. `on*` properties are listeners, `class` and the rest are attributes; false and null are left out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} properties
 * @param {Child[]} children */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for SVG.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} properties
 * @param {Child[]} children */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

/** @template {Element} E
 * @param {E} element
 * @param {Attributes} properties
 * @param {Child[]} children */
function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...present(children));
  return element;
}

/** @param {any[]} children
 * @returns {(Node | string)[]} */
const present = (children) =>
  children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

/** Replaces what is in an element; null and false are left out.
 * @param {Element} element
 * @param {Child[]} children */
export function put(element, ...children) {
  element.replaceChildren(...present(children));
}

/** The same, and what had the focus has it again: whoever uses the keyboard would start anew at each change. What
 * stands for it is what has the same address or `data-test`.
 * @param {Element} element
 * @param {Child[]} children */
export function renew(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const key = focused && (["href", "data-test"].find((name) => focused.hasAttribute(name)) ?? null);
  const value = key && CSS.escape(focused.getAttribute(key));
  put(element, ...children);
  /** @type {HTMLElement | null} */
  const again = key && element.querySelector(`[${key}="${value}"]`);
  again?.focus({ preventScroll: true });
}

/** Sets the text where it differs, so that a screen reader is not told the same again.
 * @param {Element} element
 * @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
