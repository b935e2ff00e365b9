import type { Spread } from './jobs.ts';

/** Coprime to every number of seats in use: all seats come once, in an order without neighbours. */
const STRIDE = 7_919;

export interface Seat {
  readonly show: string;
  readonly unitId: string;
}

/** Which seats were asked for already, over all jobs of one generator. */
export class SeatLedger {
  private readonly asked = new Map<string, number>();

  /** A seat of the show that nobody was sent to before; null when there is none left. */
  next(show: string, seats: number): Seat | null {
    const asked = this.asked.get(show) ?? 0;
    if (asked === seats) return null;
    this.asked.set(show, asked + 1);
    return { show, unitId: seatName((asked * STRIDE) % seats) };
  }
}

/** What seats are called, from 0 on. */
export function seatName(index: number): string {
  return `S${index}`;
}

/** Chooses shows for one stream. @returns the index of the show to begin looking at. */
export function showChooser(spread: Spread, shows: number, random: () => number): () => number {
  let turn = 0;
  switch (spread) {
    case 'in-turn':
      return () => 0;
    case 'even':
      return () => {
        turn = (turn + 1) % shows;
        return turn;
      };
    case 'zipf': {
      const sums = new Float64Array(shows);
      let sum = 0;
      for (let index = 0; index < shows; index += 1) {
        sum += 1 / (index + 1);
        sums[index] = sum;
      }
      return () => firstAtLeast(sums, random() * sum);
    }
  }
}

function firstAtLeast(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
