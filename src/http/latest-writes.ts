/** At most so many writes of one kind are remembered, and at least the newest half of that. */
export const MAX_WRITES = 10_000;

/** Writes in their order, looked up by name only once somebody asks: in a rush there are thousands a second, and few who read them back. */
class Stretch {
  private readonly names: string[] = [];
  private readonly positions: number[] = [];
  private readonly byName = new Map<string, number>();
  /** So many of the writes, from the first on, can be looked up. */
  private sorted = 0;

  get isFull(): boolean {
    return this.names.length >= MAX_WRITES / 2;
  }

  add(name: string, position: number): void {
    this.names.push(name);
    this.positions.push(position);
  }

  positionOf(name: string): number {
    for (; this.sorted < this.names.length; this.sorted += 1) {
      const written = this.names[this.sorted] as string;
      const position = this.positions[this.sorted] as number;
      // An answer that is given again may be noted after a later one.
      if (position > (this.byName.get(written) ?? 0)) this.byName.set(written, position);
    }
    return this.byName.get(name) ?? 0;
  }

  /** To be called after `positionOf`. */
  forget(name: string): void {
    this.byName.delete(name);
  }
}

/**
 * Where in the log this process has written lately, by the name of what was written: so far a view must have come before somebody
 * who has just been answered a write is shown what he asks for by that name.
 *
 * Two stretches take turns, of which the older one goes as a whole.
 */
export class LatestWrites {
  private newer = new Stretch();
  private older = new Stretch();

  note(name: string, position: number): void {
    if (this.newer.isFull) {
      this.older = this.newer;
      this.newer = new Stretch();
    }
    this.newer.add(name, position);
  }

  /** 0 when nothing is remembered by the name. */
  positionOf(name: string): number {
    return Math.max(this.newer.positionOf(name), this.older.positionOf(name));
  }

  /** A view has come to the position: only what was written later is worth remembering. */
  seen(name: string, position: number): void {
    if (position < this.positionOf(name)) return;
    this.newer.forget(name);
    this.older.forget(name);
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
