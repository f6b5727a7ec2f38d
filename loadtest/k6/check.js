// POST /queue/token/check: people who wait, polling. Each has a place of their own.
import exec from 'k6/execution';
import { call, first, options as arrivals, users } from './onsale.js';

export const options = arrivals(500, '20s', 500);

export function setup() {
  const tokens = [];
  for (let user = first; user < first + users; user++) tokens.push(call.token(user).json('data.queueToken'));
  return { tokens };
}

export default function ({ tokens }) {
  call.check(tokens[exec.scenario.iterationInTest % tokens.length]);
}
