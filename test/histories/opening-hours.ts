import type { Deed } from './asked.ts';
import { type HeadAccount, type Stretch, stretchAsked } from './head-account.ts';

const MINUTE = 60_000;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;

/** Hours of the week in which somebody is there to hand units out and take them back. */
export interface OpenHours {
  readonly days: readonly string[];
  /** `HH:MM` on the zone's clock; `24:00` is the end of the day. */
  readonly from: string;
  readonly to: string;
}

/** What the clocks of a zone show. */
export interface WallClock {
  readonly day: (typeof WEEKDAYS)[number];
  /** Since midnight, whole minutes. */
  readonly minute: number;
}

const offsetFormats = new Map<string, Intl.DateTimeFormat>();

/**
 * Whether customers may have a unit over the stretch: they come for it, and bring it back, while it is open.
 * What lies between does not matter. The last moment counts as well as the first one after it, so that a
 * stretch may end when it closes, and when it opens.
 */
export function keepsOpeningHours({ axis, timeZone }: HeadAccount, { from, to }: Stretch): boolean {
  if (axis.type !== 'time' || axis.opening === undefined) return true;
  const hours = axis.opening as readonly OpenHours[];
  const isOpen = (instant: number) => {
    const { day, minute } = wallClock(instant, timeZone);
    return hours.some((one) => one.days.includes(day) && minute >= minutes(one.from) && minute < minutes(one.to));
  };
  return isOpen(from) && (isOpen(to - 1) || isOpen(to));
}

/** Whether a request names a span that the slot cannot have. Opening hours bind those who book or look, not those who block. */
export function isNoSpan(head: HeadAccount, deed: Deed, span: unknown): boolean {
  const stretch = stretchAsked(head, span);
  if (typeof stretch === 'string') return stretch === 'invalid';
  return (deed === 'book' || deed.startsWith('read-')) && !keepsOpeningHours(head, stretch);
}

/** What the clocks show at an instant, epoch milliseconds. */
export function wallClock(instant: number, timeZone: string): WallClock {
  const shown = new Date(instant + offsetAt(instant, timeZone));
  return { day: WEEKDAYS[shown.getUTCDay()]!, minute: shown.getUTCHours() * 60 + shown.getUTCMinutes() };
}

/** Milliseconds by which a zone's clocks are ahead of UTC at an instant. */
function offsetAt(instant: number, timeZone: string): number {
  let format = offsetFormats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
    offsetFormats.set(timeZone, format);
  }
  const [, sign, hours, rest] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(format.format(instant)) ?? [];
  const ahead = sign === undefined ? 0 : (Number(hours) * 60 + Number(rest)) * MINUTE;
  return sign === '-' ? -ahead : ahead;
}

function minutes(time: string): number {
  const [hours = '', rest = ''] = time.split(':');
  return Number(hours) * 60 + Number(rest);
}
