import type { Call } from './trip-calls.ts';

/** Where passengers may not get on, as the slot tells it: places in the trip counted from 0, those beside each other as `from-to`. */
export function noBoardingAt(calls: readonly Call[]): string {
  return placesOf(calls, ({ boarding }) => !boarding);
}

/** Where they may not get off, in the same way. */
export function noAlightingAt(calls: readonly Call[]): string {
  return placesOf(calls, ({ alighting }) => !alighting);
}

function placesOf(calls: readonly Call[], chosen: (call: Call) => boolean): string {
  const runs: { from: number; to: number }[] = [];
  for (const [index, call] of calls.entries()) {
    if (!chosen(call)) continue;
    const last = runs.at(-1);
    if (last?.to === index - 1) last.to = index;
    else runs.push({ from: index, to: index });
  }
  return runs.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(' ');
}
