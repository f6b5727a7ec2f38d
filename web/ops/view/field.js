// An input with its name.

import { h } from "../../shared/dom.js";

/**
 * @param {string} name
 * @param {HTMLElement} input
 */
export const field = (name, input) => h("div", { class: "field" }, h("label", { for: input.id }, name), input);
