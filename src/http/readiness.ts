import type { EventStore } from '../eventstore/event-store.ts';
import type { ReadinessCheck } from './edge.ts';

/** A view that is so many seconds behind the log is worth an operator's look; a healthy one is behind by milliseconds. */
const MAX_LAG_SECONDS = 30;

/** How far one read model is, as whoever runs it says. */
export interface ViewStatus {
  readonly name: string;
  readonly state: { readonly kind: string; readonly error?: string };
  /** Null when it could not be told. */
  readonly lagSeconds: number | null;
}

/** What has to work for requests to be served: the log, and views that follow it. */
export function readinessChecks(parts: {
  readonly store: EventStore;
  readonly runner: { status(): Promise<readonly ViewStatus[]> };
}): readonly ReadinessCheck[] {
  const { store, runner } = parts;
  return [
    {
      name: 'event-log',
      async check() {
        await store.headPosition();
        return null;
      },
    },
    {
      name: 'projections',
      async check() {
        const faults = (await runner.status()).flatMap(({ name, state, lagSeconds }) => {
          if (state.kind === 'failed') return [`${name} stopped: ${state.error}`];
          if (lagSeconds === null) return [`${name} cannot be asked how far it is`];
          return lagSeconds > MAX_LAG_SECONDS ? [`${name} is ${Math.round(lagSeconds)} s behind the log`] : [];
        });
        return faults.length === 0 ? null : faults.join('; ');
      },
    },
  ];
}
