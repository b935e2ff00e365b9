import { type HeadAccount, type Stretch, takesPlace } from './head-account.ts';

/** "From now on" may reach the service so many milliseconds late (docs/adr/0009). */
const GRACE = 5 * 60_000;

/** Whether it is too late for a stretch: a whole slot is over at its end, a trip when it has left, a time shortly after its start. */
export function isOver(head: HeadAccount, stretch: Stretch, now: number): boolean {
  const when = takesPlace(head, stretch);
  if (when === null) return false;
  if (head.axis.type === 'whole') return when.to <= now;
  return when.from + (head.axis.type === 'time' ? GRACE : 0) < now;
}
