// What all scripts share: the plan, the calls of the wire contract, and the limits that make a run pass or fail.
//
//   k6 run -e TARGET=http://127.0.0.1:8080 loadtest/k6/journey.js
//
// TARGET    the server (http://127.0.0.1:8080)
// PLAN      a plan as JSON (plan.json here, which is loadtest/plan.toml)
// RATE      arrivals per second, constant whatever the server does
// DURATION  how long they go on
// USERS     people who look or buy, in the scripts that need some inside
// FIRST     the number of the first user, so that two runs against one server do not meet

import http from 'k6/http';
import { check, fail } from 'k6';

export const plan = JSON.parse(open(__ENV.PLAN || './plan.json'));
export const target = __ENV.TARGET || 'http://127.0.0.1:8080';
export const users = Number(__ENV.USERS || 50);
export const first = Number(__ENV.FIRST || 1);

const api = `${target}/v1/api`;

// Arrivals at a constant rate, with enough people at hand that none is dropped for want of one.
export function options(rate, duration, people) {
  const perSecond = Number(__ENV.RATE || rate);
  return {
    scenarios: {
      arrivals: {
        executor: 'constant-arrival-rate',
        rate: perSecond,
        timeUnit: '1s',
        duration: __ENV.DURATION || duration,
        preAllocatedVUs: Math.min(people, 2000),
        maxVUs: people,
      },
    },
    thresholds: {
      http_req_failed: [`rate<${plan.thresholds.failures_percent / 100}`],
      http_req_duration: [`p(99)<${plan.thresholds.p99_ms}`],
      // A success says SUCCESS: what is right is right always, and not in most cases.
      checks: ['rate==1'],
      // An arrival that was not made was not tested.
      dropped_iterations: ['count==0'],
      // Where nothing was done to its end, there is nothing to be content with.
      iterations: ['count>0'],
    },
    summaryTrendStats: ['avg', 'min', 'med', 'p(90)', 'p(99)', 'p(99.9)', 'max'],
    discardResponseBodies: false,
    noVUConnectionReuse: false,
  };
}

// The statuses that a call may be answered with; anything else counts as failed.
const expected = {
  token: http.expectedStatuses(200),
  check: http.expectedStatuses(200),
  leave: http.expectedStatuses(200),
  schedule: http.expectedStatuses(200, 304),
  seat: http.expectedStatuses(200, 304),
  // A seat that somebody else was quicker to take is no failure.
  reserve: http.expectedStatuses(200, 409),
  cancel: http.expectedStatuses(200),
  charge: http.expectedStatuses(200),
  balance: http.expectedStatuses(200),
  // Who thought for too long is told so.
  payment: http.expectedStatuses(200, 410),
};

function request(name, method, path, token, body, key) {
  const headers = {};
  if (token) headers.Authorization = token;
  if (key) headers['Idempotency-Key'] = key;
  // A text body goes without Content-Type, which the contract takes for JSON.
  const text = body === undefined ? null : JSON.stringify(body);
  // An answer that stays away is a failure of its own, before the run is over.
  const timeout = plan.load.reply_max;
  const parameters = { headers, timeout, tags: { name }, responseCallback: expected[name] };
  const response = http.request(method, `${api}${path}`, text, parameters);
  check(response, {
    'a success says SUCCESS': (r) => r.status !== 200 || r.json('resultType') === 'SUCCESS',
    'a refusal has its code': (r) => r.status === 200 || r.status === 304 || typeof r.json('code') === 'string',
  });
  return response;
}

export const call = {
  token: (userId) => request('token', 'POST', '/queue/token', null, { userId }),
  check: (token) => request('check', 'POST', '/queue/token/check', token),
  leave: (token) => request('leave', 'POST', '/queue/token/leave', token),
  schedule: (token) => request('schedule', 'GET', '/concerts/schedule', token),
  seat: (token, schedule, section) => {
    const part = section ? `&section=${encodeURIComponent(section)}` : '';
    return request('seat', 'GET', `/concerts/seat?scheduleId=${schedule}${part}`, token);
  },
  reserve: (token, scheduleId, seatId, key) =>
    request('reserve', 'POST', '/concerts/reserve', token, { scheduleId, seatId }, key),
  cancel: (token, reservationId) => request('cancel', 'POST', '/concerts/reserve/cancel', token, { reservationId }),
  charge: (token, amount, key) => request('charge', 'POST', '/user/amount', token, { amount }, key),
  balance: (token) => request('balance', 'GET', '/user/amount', token),
  payment: (token, reservationId, key) =>
    request('payment', 'POST', '/concerts/payment', token, { reservationId }, key),
};

// People who are inside already, for the scripts that test what can only be done there: their tokens, and a date.
export function inside(count) {
  const tokens = [];
  for (let user = first; user < first + count; user++) {
    const data = call.token(user).json('data');
    if (data.status !== 'PROGRESS') {
      fail(`user ${user} is ${data.status}: raise queue.active_limit over ${count}, or set USERS lower`);
    }
    tokens.push(data.queueToken);
  }
  const dates = call.schedule(tokens[0]).json('data').filter((date) => date.availableSeats > 0);
  if (dates.length === 0) fail('nothing is on sale');
  dates.sort((one, other) => other.availableSeats - one.availableSeats);
  return { tokens, schedule: dates[0].scheduleId, seats: dates[0].totalSeats };
}

// "2s", "500ms" and "10m" of a plan, in seconds.
export function seconds(duration) {
  const [, number, unit] = /^([0-9.]+)(ms|s|m|h)$/.exec(duration);
  return Number(number) * { ms: 0.001, s: 1, m: 60, h: 3600 }[unit];
}

// Between the least and the most, most often near the middle one: [at least, mostly, at most].
export function thinkTime([least, mostly, most]) {
  const [low, mode, high] = [least, mostly, most].map(seconds);
  const dice = Math.random();
  const turn = (mode - low) / (high - low);
  return dice < turn
    ? low + Math.sqrt(dice * (high - low) * (mode - low))
    : high - Math.sqrt((1 - dice) * (high - low) * (high - mode));
}

// Everybody wants the front: number k of `count`, counted from 0, in proportion to 1 / (k + 1)^exponent.
export function favourite(count, exponent) {
  const dice = Math.random();
  const place =
    exponent === 1
      ? Math.pow(count + 1, dice)
      : Math.pow(1 + dice * (Math.pow(count + 1, 1 - exponent) - 1), 1 / (1 - exponent));
  return Math.min(count - 1, Math.floor(place) - 1);
}
