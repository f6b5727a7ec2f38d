// GET /concerts/seat: a section of the largest date, as people choose their seat.
import http from 'k6/http';
import exec from 'k6/execution';
import { call, inside, options as arrivals, target, users } from './onsale.js';

export const options = arrivals(200, '20s', 500);

export function setup() {
  const people = inside(users);
  const dates = http.get(`${target}/v1/catalog`).json('data.concerts').flatMap((concert) => concert.schedules);
  const date = dates.find((one) => one.scheduleId === people.schedule);
  return { ...people, sections: date.sections.map((one) => one.section).filter((name) => name !== null) };
}

export default function ({ tokens, schedule, sections }) {
  const turn = exec.scenario.iterationInTest;
  call.seat(tokens[turn % tokens.length], schedule, sections[turn % sections.length]);
}
