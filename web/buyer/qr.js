// QR codes of black squares on white, whatever the page's colours are: scanners want it so.

import { correction, generate } from "../vendor/lean-qr/index.mjs";
import { svg } from "../shared/dom.js";

/** The white that scanners need around a code, in squares. */
const MARGIN = 4;

/** Calls `square(x, y)` for each that is black; the size of all, margins included. A scratched screen still reads: up to
 * 15 % may be lost. */
export function squares(text, square) {
  const bitmap = generate(text, { minCorrectionLevel: correction.M });
  for (let y = 0; y < bitmap.size; y += 1) {
    for (let x = 0; x < bitmap.size; x += 1) {
      if (bitmap.get(x, y)) square(x + MARGIN, y + MARGIN);
    }
  }
  return bitmap.size + 2 * MARGIN;
}

export function code(text, label) {
  const path = [];
  const size = squares(text, (x, y) => path.push(`M${x} ${y}h1v1h-1z`));
  return svg(
    "svg",
    { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label, class: "qr", "shape-rendering": "crispEdges" },
    svg("rect", { width: size, height: size, fill: "#fff" }),
    svg("path", { d: path.join(""), fill: "#000" }),
  );
}
