import { formatInstant } from '../commands/schemas/instants.ts';

/** Names under which the domain and the views keep instants as epoch milliseconds. */
const INSTANTS = new Set([
  'at',
  'startsAt',
  'endsAt',
  'salesFrom',
  'salesUntil',
  'arrivesAt',
  'departsAt',
  'availableFrom',
  'availableUntil',
  'requestedAt',
  'expiresAt',
  'maxExpiresAt',
  'confirmedAt',
  'extendedAt',
  'heldUntil',
]);

/** For JSON.stringify: instants become RFC 3339, as everywhere else that people look; axis coordinates stay numbers. */
export function instantsAsText(name: string, value: unknown): unknown {
  return typeof value === 'number' && INSTANTS.has(name) ? formatInstant(value) : value;
}
