import type { Random } from '../../domain/oracle/random.ts';
import type { Json } from '../history.ts';
import { wallClock } from '../opening-hours.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const WEEK = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
/** Two of them change their clocks in spring and autumn, two are no whole hours off. */
const ZONES = ['UTC', 'Europe/London', 'America/St_Johns', 'Asia/Kolkata'];

/** Some slots go on sale, or off, while they are being sold. */
export function salesWindow(random: Random, now: number): Json {
  return {
    ...(random.chance(0.06) ? { salesFrom: text(now + random.between(1, 8) * SECOND) } : {}),
    ...(random.chance(0.1) ? { salesUntil: text(now + random.between(10, 40) * SECOND) } : {}),
  };
}

/** The zone of a slot over time, and its opening hours: closed for an hour that customers are likely to ask for, and perhaps on one day. */
export function openingHours(random: Random, now: number): { readonly timeZone: string; readonly opening?: readonly Json[] } {
  const timeZone = random.pick(ZONES);
  if (random.chance(0.5)) return { timeZone };
  const days = random.chance(0.3) ? random.some(WEEK, WEEK.length - 1) : WEEK;
  const closed = (Math.floor(wallClock(now, timeZone).minute / 60) + random.between(0, 4)) % 24;
  const hours = [
    { days, from: '00:00', to: hour(closed) },
    { days, from: hour(closed + 1), to: '24:00' },
  ];
  return { timeZone, opening: hours.filter(({ from, to }) => from !== to) };
}

/** Few units are on offer for a part of the time alone that a slot is about. */
export function timesOfOffer(random: Random, begins: number): Json {
  if (random.chance(0.85)) return {};
  return random.pick([
    { availableFrom: text(begins + 10 * MINUTE) },
    { availableUntil: text(begins + 20 * MINUTE) },
    { availableUntil: text(begins + HOUR) },
    { availableFrom: text(begins), availableUntil: text(begins + 2 * HOUR) },
  ]);
}

export function text(instant: number): string {
  return new Date(instant).toISOString();
}

function hour(number: number): string {
  return `${String(number).padStart(2, '0')}:00`;
}
