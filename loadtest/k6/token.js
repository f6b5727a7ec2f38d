// POST /queue/token: everybody asks for a place at once, each a user of their own.
import exec from 'k6/execution';
import { call, first, options as arrivals } from './onsale.js';

export const options = arrivals(500, '20s', 500);

export default function () {
  call.token(first + exec.scenario.iterationInTest);
}
