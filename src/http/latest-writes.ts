/** At most so many names of one kind are remembered, and at least the newest half of that. */
export const MAX_NAMES = 10_000;

/**
 * Where in the log this process has written lately, by the name of what was written: so far a view must have come before somebody
 * who has just been answered a write is shown what he asks for by that name.
 *
 * Two maps take turns, of which the older one goes as a whole. Of one map the oldest name would have to be found for each new one,
 * past the holes that those before have left.
 */
export class LatestWrites {
  private newer = new Map<string, number>();
  private older = new Map<string, number>();

  note(name: string, position: number): void {
    if (position <= (this.newer.get(name) ?? 0)) return;
    if (this.newer.size >= MAX_NAMES / 2) {
      this.older = this.newer;
      this.newer = new Map();
    }
    this.newer.set(name, position);
  }

  /** 0 when nothing is remembered by the name. */
  positionOf(name: string): number {
    // An answer that is given again may be noted after a later one.
    return Math.max(this.newer.get(name) ?? 0, this.older.get(name) ?? 0);
  }

  /** A view has come to the position: only what was written later is worth remembering. */
  seen(name: string, position: number): void {
    if (position < this.positionOf(name)) return;
    this.newer.delete(name);
    this.older.delete(name);
  }
}

/** What this process has answered writes of lately, by what it is asked for right afterwards. */
export class OwnWrites {
  readonly bookings = new LatestWrites();
  readonly customers = new LatestWrites();
  readonly layouts = new LatestWrites();
  /** Slots by their references. */
  readonly references = new LatestWrites();
}
