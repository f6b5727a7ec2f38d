// The waiting page before a site whose queue asks for work (docs/bots.md): does it, and asks for the place with it.

import { solve } from "../shared/work.js";

const { challenge, bits, person, next } = /** @type {HTMLElement} */ (document.querySelector("#work")).dataset;
const proof = await solve({ challenge, bits: Number(bits) }, person);
// In the place of this page: whoever goes back wants to be where they came from.
location.replace(`${next}&proof=${proof}`);
