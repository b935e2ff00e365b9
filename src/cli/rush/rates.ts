import type { RushOutcome } from './rush-records.ts';

export interface Rates {
  readonly writesPerSecond: number;
  readonly placesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
  /** By service: how many requests for seats it answered, and how many of them it granted. */
  readonly services: readonly { readonly url: string; readonly asked: number; readonly granted: number; readonly slowestMs: number }[];
}

/** How fast it was, as the buyers saw it. */
export function ratesOf({ asked, bookings, durations, seconds }: RushOutcome): Rates {
  const sorted = [...durations].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  let places = 0;
  for (const { status, units } of bookings.values()) if (status === 'CONFIRMED') places += units.length;
  const services = [...new Set(asked.map(({ url }) => url))].map((url) => {
    const here = asked.filter((one) => one.url === url);
    const slowestMs = here.reduce((slowest, { milliseconds }) => Math.max(slowest, milliseconds), 0);
    return { url, asked: here.length, granted: here.filter(({ code }) => code === null).length, slowestMs };
  });
  return {
    writesPerSecond: durations.length / seconds,
    placesPerSecond: places / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    slowestMs: sorted.at(-1) ?? 0,
    services,
  };
}
