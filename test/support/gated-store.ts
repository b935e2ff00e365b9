import type { PostgresEventStore } from '../../src/eventstore/postgres-store.ts';

/** A log that can keep those who want its first events until the test lets them go: builds, which begin there. */
export interface GatedStore {
  readonly store: PostgresEventStore;
  /** From now on they wait. @returns what resolves when one does. */
  close(): Promise<void>;
  open(): void;
}

export function gatedStore(store: PostgresEventStore): GatedStore {
  let arrive = () => {};
  let open = () => {};
  let opened = Promise.resolve();
  const readFeed: PostgresEventStore['readFeed'] = async (after, limit, filter) => {
    if (after === 0 && limit > 1) {
      arrive();
      await opened;
    }
    return store.readFeed(after, limit, filter);
  };
  return {
    store: { ...store, readFeed },
    close: () => {
      opened = new Promise((resolve) => {
        open = resolve;
      });
      return new Promise((resolve) => {
        arrive = resolve;
      });
    },
    open: () => open(),
  };
}
