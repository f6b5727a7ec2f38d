// POST /concerts/reserve: everybody wants the front row, as strongly as the plan says. Who gets a seat drops it again, so
// that nobody reaches the limit of holds and the fight goes on for as long as the run does.
import exec from 'k6/execution';
import { check } from 'k6';
import { Rate } from 'k6/metrics';
import { call, favourite, inside, options as arrivals, plan, users } from './onsale.js';

const won = new Rate('seat_won');

export const options = arrivals(200, '20s', 500);

export function setup() {
  return inside(users);
}

export default function ({ tokens, schedule, seats }) {
  const token = tokens[exec.scenario.iterationInTest % tokens.length];
  const seat = 1 + favourite(seats, plan.reserve.favourite_exponent);
  const reply = call.reserve(token, schedule, seat);
  won.add(reply.status === 200);
  if (reply.status === 200) {
    call.cancel(token, reply.json('data.reservationId'));
  } else {
    check(reply, { 'only a taken seat is refused': (r) => r.json('code') === 'SEAT_NOT_AVAILABLE' });
  }
}
