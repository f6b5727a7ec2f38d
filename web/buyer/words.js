// The shop's own words: text, whatever they look like.

import { h, say } from "../shared/dom.js";
import * as catalog from "./catalog.js";
import { t } from "./language.js";

/** A line of the shop's, as soon as the catalog is known; nothing where it has none.
 * @param {"welcome" | "ticket"} kind */
export function words(kind) {
  const line = h("p");
  const fill = () => {
    const said = catalog.shop()?.[kind] ?? {};
    line.lang = [t.tag, "en", "ko"].find((tag) => said[tag]) ?? "";
    line.hidden = !line.lang;
    line.dataset.test = `words-${kind}`;
    say(line, said[line.lang] ?? "");
  };
  fill();
  catalog.load().then(fill).catch(() => {});
  return line;
}
