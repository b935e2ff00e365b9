import { InvalidArgumentError } from 'commander';
import { parseInstant } from '../commands/schemas/instants.ts';
import { type CivilDate, parseCivilDate } from '../integrations/wall-clock.ts';

// Readers of what stands on a command line; what is wrong there is told by commander, with exit code 2.

/** `YYYY-MM-DD` */
export function dateArgument(text: string): CivilDate {
  const date = text.includes('-') ? parseCivilDate(text) : null;
  if (date === null) throw new InvalidArgumentError('Expected a day such as 2027-01-31.');
  return date;
}

/** RFC 3339, as it was given. */
export function instantArgument(text: string): string {
  if (parseInstant(text) === null) throw new InvalidArgumentError('Expected an instant such as 2027-01-31T09:30:00Z.');
  return text;
}

/** The address of a service, as it was given. */
export function urlArgument(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError('Expected an http or https address such as http://127.0.0.1:8080.');
  }
  return text;
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= least && number <= most)) throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    return number;
  };
}
