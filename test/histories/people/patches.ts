import type { Json } from '../history.ts';
import type { SlotPlan } from './slots.ts';
import type { Surroundings } from './surroundings.ts';
import { weighted } from './weighted.ts';
import { text } from './windows.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** What an operator would have a slot be from now on: on sale at other times, over another time, under other terms, or under another name. */
export function somePatch(world: Surroundings, { axis, slotId }: SlotPlan): Json {
  const { random } = world;
  const now = world.now();
  const soon = (least: number, most: number) => now + random.between(least, most) * SECOND;
  const startsAt = random.chance(0.7) ? soon(10, 120) : now + 24 * HOUR;
  const holdSeconds = random.pick([1, 3, 8]);
  return weighted<Json>(random, [
    [2, { salesFrom: text(soon(1, 5)), salesUntil: null }],
    [1, { salesFrom: null, salesUntil: text(soon(5, 20)) }],
    [2, { salesFrom: null, salesUntil: null }],
    [axis === 'time' ? 0 : 3, { startsAt: text(startsAt), endsAt: text(startsAt + HOUR) }],
    [2, { policy: { holdSeconds, maxHoldSeconds: 2 * holdSeconds } }],
    [2, { policy: { maxUnitsPerBooking: random.between(1, 4), orphanSeats: random.pick(['allow', 'avoid', 'forbid']) } }],
    [1, { policy: { acceptPast: random.chance(0.5) } }],
    [
      2,
      {
        title: `${slotId} at ${now}`,
        metadata: { season: random.pick(['one', 'two', null]) },
        venue: { city: random.pick(['London', null]) },
      },
    ],
  ]);
}
