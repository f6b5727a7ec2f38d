// GET /concerts/schedule: what is on sale, and how much of it is left.
import exec from 'k6/execution';
import { call, inside, options as arrivals, users } from './onsale.js';

export const options = arrivals(500, '20s', 500);

export function setup() {
  return inside(users);
}

export default function ({ tokens }) {
  call.schedule(tokens[exec.scenario.iterationInTest % tokens.length]);
}
