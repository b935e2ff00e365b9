/** What has gone out is let go of in pieces of so many. */
const PIECE = 4_096;

/** First in, first out, at the cost of an array. */
export class Queue<Item> {
  private items: Item[] = [];
  private from = 0;

  get length(): number {
    return this.items.length - this.from;
  }

  push(item: Item): void {
    this.items.push(item);
  }

  /** Undefined when there is none. */
  shift(): Item | undefined {
    const item = this.items[this.from];
    if (item === undefined) return undefined;
    this.from += 1;
    if (this.from === PIECE) {
      this.items = this.items.slice(this.from);
      this.from = 0;
    }
    return item;
  }
}
