import type { ParsedEvent, ReadParsedFeed } from '../../src/eventstore/parsed-feed.ts';

/** Pages that the fastest reader may be ahead of the slowest. */
const PAGES = 8;

interface Page {
  readonly events: Promise<readonly ParsedEvent[]>;
  /** How many have not asked for it yet. */
  left: number;
}

/** One feed for so many readers, all of which read it from the same position on in pages of the same size: each page is read once. */
export function sharedFeed(read: ReadParsedFeed, readers: number): ReadParsedFeed {
  const pages = new Map<number, Page>();
  let waiting: (() => void)[] = [];
  return async (after, limit) => {
    while (!pages.has(after) && pages.size >= PAGES) await new Promise<void>((resolve) => waiting.push(resolve));
    const page = pages.get(after) ?? { events: read(after, limit), left: readers };
    pages.set(after, page);
    page.left -= 1;
    if (page.left === 0) {
      pages.delete(after);
      for (const resolve of waiting) resolve();
      waiting = [];
    }
    return page.events;
  };
}
