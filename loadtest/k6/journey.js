// The whole way of each person who comes: queue, poll as told, schedule, seats of a section, reserve, charge, pay; and
// those who leave, who let their hold lapse, and who send again what was answered.
import http from 'k6/http';
import exec from 'k6/execution';
import { check, sleep } from 'k6';
import { Counter, Rate } from 'k6/metrics';
import { call, favourite, first, options as arrivals, plan, target, thinkTime } from './onsale.js';

const people = plan.journey.people;
const ATTEMPTS_MAX = 5;
const LONGEST_WAIT_S = 120;

const sold = new Counter('seats_paid');
const seatLost = new Rate('seat_lost_to_somebody_else');

export const options = arrivals(20, '30s', 4000);

export function setup() {
  const concerts = http.get(`${target}/v1/catalog`).json('data.concerts').filter((one) => one.queue === 'default');
  const dates = concerts.flatMap((concert) => concert.schedules).filter((date) => !date.saleClosed);
  dates.sort((one, other) => other.totalSeats - one.totalSeats);
  return { schedule: dates[0].scheduleId, sections: dates[0].sections.map((one) => one.section) };
}

const happens = (percent) => Math.random() * 100 < percent;
const think = () => sleep(thinkTime(people.think));

export default function ({ schedule, sections }) {
  const user = first + exec.scenario.iterationInTest;
  const token = join(user);
  if (token === null) return;
  think();
  call.schedule(token);
  const held = hold(token, schedule, sections, user);
  if (held === null) {
    call.leave(token);
    return;
  }
  if (happens(people.lapse_percent)) {
    call.leave(token);
    return;
  }
  think();
  pay(token, held, user);
}

// A token that is inside, or null for who gave up.
function join(user) {
  let place = call.token(user).json('data');
  const token = place.queueToken;
  if (happens(people.leave_percent)) {
    call.leave(token);
    return null;
  }
  for (let waited = 0; place.status === 'WAITING' && waited < LONGEST_WAIT_S; ) {
    const pause = (place.pollAfterMillis * people.poll_factor) / 1000;
    sleep(pause);
    waited += pause;
    place = call.check(token).json('data');
  }
  return place.status === 'PROGRESS' ? token : null;
}

// A hold, or null when nothing could be had.
function hold(token, schedule, sections, user) {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const section = sections[Math.floor(Math.random() * sections.length)];
    const seats = call.seat(token, schedule, section).json('data').filter((seat) => seat.seatStatus === 'AVAILABLE');
    if (seats.length === 0) continue;
    think();
    const seat = seats[favourite(seats.length, people.favourite_exponent)];
    const reply = call.reserve(token, schedule, seat.seatId, `reserve-${user}-${attempt}`);
    seatLost.add(reply.status === 409);
    if (reply.status === 200) return reply.json('data');
  }
  return null;
}

function pay(token, held, user) {
  const charged = call.charge(token, held.amount, `charge-${user}`);
  check(charged, { 'a charge is in the balance': (r) => r.json('data.amount') >= held.amount });
  const again = happens(people.retry_percent) ? 2 : 1;
  for (let time = 0; time < again; time++) {
    const paid = call.payment(token, held.reservationId, `payment-${user}`);
    if (paid.status !== 200) return;
    check(paid, { 'the price is paid': (r) => r.json('data.paymentAmount') === held.amount });
  }
  sold.add(1);
  check(call.balance(token), {
    'what was charged is paid once': (r) => r.json('data.amount') === charged.json('data.amount') - held.amount,
  });
}
