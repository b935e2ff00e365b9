import type { Holdfast } from '../main.ts';
import { type Interruption, untilInterrupted } from './interruption.ts';
import { dataSourceOf, type Wiring } from './wiring.ts';

/**
 * Opens the data for one piece of work and closes it again, however the work ends: a PostgreSQL that was started for it
 * would run on with nobody to stop it. A signal that comes while the data is being opened keeps the work from beginning;
 * from then on the work sees to it.
 */
export async function withHoldfast(
  { environment, load }: Wiring,
  work: (parts: Holdfast, interruption: Interruption) => Promise<void>,
): Promise<void> {
  const { openHoldfast } = await load();
  const interruption = untilInterrupted();
  try {
    const parts = await openHoldfast(dataSourceOf(environment));
    try {
      interruption.throwIfWanted();
      await work(parts, interruption);
    } finally {
      await parts.close();
    }
  } finally {
    interruption.forget();
  }
}
