// Fingers, mouse and wheel on the map: drag to move, pinch or wheel to zoom, tap to choose.

const TAP_PX = 8;

/** Hands the gestures on `element` to `canvas`; `tapped(x, y)` gets points of the hall, `moved()` is told at the end.
 * @param {HTMLElement} element
 * @param {MapCanvas} canvas
 * @param {{ tapped: (x: number, y: number) => void, moved: () => void }} told */
export function listen(element, canvas, { tapped, moved }) {
  const pointers = new Map();
  let travelled = 0;
  let spread = 0;

  const middle = () => {
    const points = [...pointers.values()];
    const [x, y] = [0, 1].map((i) => points.reduce((sum, point) => sum + point[i], 0) / points.length);
    const distance = points.length > 1 ? Math.hypot(points[0][0] - points[1][0], points[0][1] - points[1][1]) : 0;
    return { x, y, distance };
  };

  const place = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    if (pointers.size === 0) travelled = 0;
    pointers.set(event.pointerId, place(event));
    spread = middle().distance;
  });

  element.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) return;
    const before = middle();
    pointers.set(event.pointerId, place(event));
    const after = middle();
    travelled += Math.hypot(after.x - before.x, after.y - before.y) + Math.abs(after.distance - before.distance);
    if (pointers.size > 1 && spread > 0) canvas.zoom(after.distance / (before.distance || 1), after.x, after.y);
    if (travelled > TAP_PX) canvas.pan(after.x - before.x, after.y - before.y);
  });

  const ended = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    if (pointers.size > 0) return;
    if (travelled <= TAP_PX && event.type === "pointerup") tapped(...canvas.at(...place(event)));
    else moved();
  };
  element.addEventListener("pointerup", ended);
  element.addEventListener("pointercancel", ended);

  let resting = 0;
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const [x, y] = place(event);
      canvas.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), x, y);
      clearTimeout(resting);
      resting = setTimeout(moved, 150);
    },
    { passive: false },
  );
}
