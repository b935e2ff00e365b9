import { CITY, CUSTOMER, SLOT, TITLE, VENUE } from './stories.ts';

/** What a slot is called, and by how many milliseconds later than the story it lives. */
export interface Told {
  readonly slotId: string;
  readonly title: string;
  readonly venue: string;
  readonly city: string;
  readonly number: number;
  readonly customers: number;
  readonly later: number;
}

interface StoredFact {
  readonly type: string;
  readonly schemaVersion: number;
  readonly at: number;
  readonly data: string;
  readonly metadata: string;
}

/** An event of a story, as it happens to a slot. */
export type Teller = (told: Told) => StoredFact;

type Part = string | ((told: Told) => string);

/** Instants of our time are numbers of 13 digits, and no other numbers are. */
const MARKS = new RegExp(`${CUSTOMER}(\\d+)|${[SLOT, TITLE, VENUE, CITY].join('|')}|(?<![\\d.])1\\d{12}(?!\\d)`, 'g');

/** Finds once what differs from slot to slot, so that telling it again costs no parsing. */
export function compiled({ type, schemaVersion, at, data, metadata }: StoredFact): Teller {
  const ofData = partsOf(data);
  const ofMetadata = partsOf(metadata);
  return (told) => ({ type, schemaVersion, at: at + told.later, data: joined(ofData, told), metadata: joined(ofMetadata, told) });
}

function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(MARKS)) {
    parts.push(text.slice(end, match.index), partOf(match[0], Number(match[1])));
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
}

function partOf(mark: string, customer: number): Part {
  switch (mark) {
    case SLOT:
      return ({ slotId }) => slotId;
    case TITLE:
      return ({ title }) => title;
    case VENUE:
      return ({ venue }) => venue;
    case CITY:
      return ({ city }) => city;
  }
  if (mark.startsWith(CUSTOMER)) return ({ number, customers }) => `c-${(number * 7_919 + customer * 31) % customers}`;
  const instant = Number(mark);
  return ({ later }) => String(instant + later);
}

function joined(parts: readonly Part[], told: Told): string {
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : part(told);
  return text;
}
