import type { EngineCounts } from './engine-counts.ts';
import type { FactSource, Sample, Series } from './scrape.ts';

/** What waits to be written, in this process. */
export interface WriteQueues {
  /** Appends that wait for their turn, and the bytes of their events. */
  readonly appends: { readonly waiting: number; readonly bytes: number };
  /** Refused attempts that wait to be recorded, and those of which there will be no record. */
  readonly attempts: { readonly waiting: number; readonly dropped: number };
}

/** Events that have a metric of their own, by the name that dashboards know. */
const DEEDS = [
  ['holdfast_bookings_created_total', 'BookingRequested', 'Bookings that this process has made: holds, and holds confirmed at once.'],
  ['holdfast_bookings_confirmed_total', 'BookingConfirmed', 'Confirmations that this process has written.'],
  ['holdfast_bookings_cancelled_total', 'BookingCancelled', 'Cancellations of whole bookings that this process has written.'],
  ['holdfast_bookings_expired_total', 'BookingExpired', 'Lapsed holds that this process has recorded.'],
] as const;

/** What the write side does in this process. */
export function engineSource(counts: EngineCounts, queues: () => WriteQueues): FactSource<WriteQueues> {
  const deeds: readonly Series<WriteQueues>[] = DEEDS.map(([name, type, help]) => ({
    kind: 'counter',
    name,
    help,
    of: () => counts.events.get(type) ?? 0,
  }));
  return {
    name: 'engine',
    read: queues,
    series: [
      ...deeds,
      {
        kind: 'counter',
        name: 'holdfast_seats_locked_total',
        help: 'Units, by quantity, that new bookings of this process have taken.',
        of: () => counts.seatsLocked,
      },
      {
        kind: 'counter',
        name: 'holdfast_seats_expired_total',
        help: 'Units, by quantity, that lapsed holds had taken when this process recorded them.',
        of: () => counts.seatsExpired,
      },
      {
        kind: 'counter',
        name: 'holdfast_booking_commands_total',
        help: 'Commands about bookings that this process was asked to carry out, by what became of them.',
        labels: ['command', 'outcome'],
        of: () =>
          [...counts.commands].flatMap(([command, outcomes]) =>
            [...outcomes].map(([outcome, value]) => ({ labels: { command, outcome }, value })),
          ),
      },
      {
        kind: 'counter',
        name: 'holdfast_booking_refusals_total',
        help: 'Refused bookings and refused steps of bookings, by the code of the problem; malformed requests included.',
        labels: ['code'],
        of: () => byLabel('code', counts.refusals),
      },
      {
        kind: 'counter',
        name: 'holdfast_events_appended_total',
        help: 'Events that this process has appended to the log.',
        labels: ['type'],
        of: () => byLabel('type', counts.events),
      },
      {
        kind: 'counter',
        name: 'holdfast_append_conflicts_total',
        help: 'Appends that came too late, because another process had written to the stream.',
        of: () => counts.conflicts,
      },
      {
        kind: 'counter',
        name: 'holdfast_locked_appends_total',
        help: 'Decisions made the fair way, under the lock of the whole log, after conflicts.',
        of: () => counts.lockedAppends,
      },
      {
        kind: 'gauge',
        name: 'holdfast_append_queue_appends',
        help: 'Appends that wait for their turn to be written.',
        of: ({ appends }) => appends.waiting,
      },
      {
        kind: 'gauge',
        name: 'holdfast_append_queue_bytes',
        help: 'Bytes of the appends that wait for their turn to be written.',
        of: ({ appends }) => appends.bytes,
      },
      {
        kind: 'gauge',
        name: 'holdfast_attempt_queue_attempts',
        help: 'Refused attempts that wait to be recorded.',
        of: ({ attempts }) => attempts.waiting,
      },
      {
        kind: 'counter',
        name: 'holdfast_attempts_dropped_total',
        help: 'Refused attempts of which there is no record, because too many waited.',
        of: ({ attempts }) => attempts.dropped,
      },
    ],
  };
}

function byLabel(label: string, counts: ReadonlyMap<string, number>): readonly Sample[] {
  return [...counts].map(([text, value]) => ({ labels: { [label]: text }, value }));
}
