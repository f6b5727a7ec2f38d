// What the pages use of lean-qr.

export const correction: { readonly L: number; readonly M: number; readonly Q: number; readonly H: number };

export function generate(
  text: string,
  options?: { minCorrectionLevel?: number },
): { readonly size: number; get(x: number, y: number): boolean };
