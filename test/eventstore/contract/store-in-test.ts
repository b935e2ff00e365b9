import type { EventStore } from '../../../src/eventstore/event-store.ts';

export interface StoreInTest {
  readonly store: EventStore;
  close(): Promise<void>;
}

export type OpenStore = () => Promise<StoreInTest>;
export type GetStore = () => EventStore;
