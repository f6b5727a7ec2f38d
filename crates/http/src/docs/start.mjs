const API = "{{origin}}/v1/api";
let token;

async function call(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = token;
  if (body) headers["Idempotency-Key"] = crypto.randomUUID();
  const response = await fetch(`${API}/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.code}: ${answer.detail ?? answer.message}`);
  return answer.data;
}

let place = await call("POST", "queue/token", { userId: Date.now() });
token = place.queueToken;
while (place.status === "WAITING") {
  console.log(`place ${place.queuePosition}`);
  await new Promise((resolve) => setTimeout(resolve, place.pollAfterMillis));
  place = await call("POST", "queue/token/check");
}
const dates = await call("GET", "concerts/schedule");
const { scheduleId } = dates.find((date) => date.seatStatus === "AVAILABLE" && !date.saleClosed);
const seats = await call("GET", `concerts/seat?scheduleId=${scheduleId}`);
const { seatId, amount } = seats.find((seat) => seat.seatStatus === "AVAILABLE");
const { reservationId } = await call("POST", "concerts/reserve", { scheduleId, seatId });
if (amount > 0) await call("POST", "user/amount", { amount });
await call("POST", "concerts/payment", { reservationId });
console.log(await call("GET", "user/tickets"));
