import { z } from 'zod';

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** What is booked lies between these instants; anything else is a slip of the pen. Epoch milliseconds, half open. */
export const FIRST_INSTANT = Date.UTC(1970, 0, 1);
export const LAST_INSTANT = Date.UTC(2200, 0, 1);

/**
 * Reads an RFC 3339 date-time with any offset. Fractions beyond the millisecond are cut off; leap
 * seconds and days that the calendar does not have are refused.
 *
 * @returns epoch milliseconds; null when it is no real instant between 1970 and 2199.
 */
export function parseInstant(text: string): number | null {
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour = '00', offsetMinute = '00'] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || Number(offsetHour) > 23 || Number(offsetMinute) > 59) return null;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // Date.UTC turns 30 February into 2 March: a real day comes back as it went in.
  if (new Date(midnight).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return null;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const local = midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + milliseconds;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const instant = sign === '-' ? local + offset : local - offset;
  return instant >= FIRST_INSTANT && instant < LAST_INSTANT ? instant : null;
}

/** Epoch milliseconds as RFC 3339 in `Z`, with a fraction only when it is not zero. */
export function formatInstant(instant: number): string {
  const place = Math.abs(instant) % REMEMBERED_INSTANTS;
  let told = toldInstants[place];
  if (told?.instant !== instant) {
    const text = new Date(instant).toISOString();
    told = { instant, text: text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text };
    toldInstants[place] = told;
  }
  return told.text;
}

/** In a rush the same few instants are told again and again. */
const REMEMBERED_INSTANTS = 256;
const toldInstants: { readonly instant: number; readonly text: string }[] = [];

/** Epoch milliseconds of an instant that a schema has accepted. */
export function instantOf(text: string): number {
  const instant = parseInstant(text);
  if (instant === null) throw new RangeError(`An instant came through validation that is none: ${JSON.stringify(text.slice(0, 40))}.`);
  return instant;
}

/** The same for an optional one: absent and null both mean "not set". */
export function instantOrNull(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : instantOf(text);
}

export const instantSchema = z
  .string()
  .refine((text) => parseInstant(text) !== null)
  .meta({ format: 'date-time', description: 'RFC 3339, any offset; a real instant from 1970 to 2199' });

const TIME_OF_DAY = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;

/** `HH:MM`, `24:00` for the end of the day. */
export const timeOfDaySchema = z.string().regex(TIME_OF_DAY).meta({ description: 'a time of day as HH:MM, 24:00 for the end of the day' });

const knownTimeZones = new Map<string, boolean>();

/** True for a name of the IANA time zone database, such as `Europe/London`. Offsets such as `+01:00` are none. */
export function isTimeZone(name: string): boolean {
  const known = knownTimeZones.get(name);
  if (known !== undefined) return known;
  const real = /^[A-Za-z]/.test(name) && name.length <= 64 && isTimeZoneOfRuntime(name);
  // Only real zones are kept, so that made-up names cannot fill the memory.
  if (real) knownTimeZones.set(name, true);
  return real;
}

function isTimeZoneOfRuntime(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export const timeZoneSchema = z
  .string()
  .refine(isTimeZone)
  .meta({ format: 'time-zone', description: 'a name of the IANA time zone database' });

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** True for an ISO 4217 code in capitals. */
export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

export const currencySchema = z.string().refine(isCurrency).meta({ format: 'currency', description: 'an ISO 4217 code' });
