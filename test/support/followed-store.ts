import type { EventStore } from '../../src/eventstore/event-store.ts';

/** A store that tells up to where each of those who follow it now had the feed. */
export interface FollowedStore {
  readonly store: EventStore;
  readonly had: () => readonly number[];
}

export function followedStore(store: EventStore): FollowedStore {
  const followers = new Set<{ position: number }>();
  return {
    store: {
      ...store,
      follow: () => {
        const follower = { position: 0 };
        followers.add(follower);
        return {
          had: (position) => {
            follower.position = position;
          },
          end: () => {
            followers.delete(follower);
          },
        };
      },
    },
    had: () => [...followers].map(({ position }) => position),
  };
}
