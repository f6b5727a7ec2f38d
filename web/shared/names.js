// What sections, rows and seats are called, in either language.

/** "Row 3", but "Row of the Donors" and "3열": such names say themselves what they are. */
const SPEAKS_FOR_ITSELF = /^(section|row|seat)\b|(구역|열|번)$/i;

/** A name with the word for what it is, as in `full`, or alone where it has such a word. */
export const named = (name, full) => (SPEAKS_FOR_ITSELF.test(name) ? String(name) : full);
