import type { BuildOverview, ProjectionAdmin, ProjectionView } from '../queries/projection-admin.ts';
import type { FactSource, Sample } from './scrape.ts';

/** `running`: some process keeps it up to date. `unattended`: none does. `stopped`: by an event that it cannot fold. */
const STATES = ['running', 'unattended', 'stopped', 'missing'] as const;
const BUILD_STATES = ['building', 'caught-up', 'draining', 'retired', 'stopped'] as const;

/**
 * How far read models are. It is the same whichever process is asked: a build is worked on by one, and
 * where it stands is in the database.
 */
export function projectionSource(admin: ProjectionAdmin): FactSource<readonly ProjectionView[]> {
  return {
    name: 'projections',
    read: () => admin.list(),
    series: [
      {
        kind: 'gauge',
        name: 'holdfast_projection_lag_events',
        help: 'Events of the log that are not in the read model yet.',
        labels: ['projection'],
        of: (views) => ofLive(views, ({ lagEvents }) => lagEvents),
      },
      {
        kind: 'gauge',
        name: 'holdfast_projection_lag_seconds',
        help: 'Age of the oldest event that is not in the read model yet; 0 when none is missing.',
        labels: ['projection'],
        of: (views) => ofLive(views, ({ lagSeconds }) => lagSeconds),
      },
      {
        kind: 'gauge',
        name: 'holdfast_projection_position',
        help: 'Log position up to which everything is in the read model.',
        labels: ['projection'],
        of: (views) => ofLive(views, ({ position }) => position),
      },
      {
        kind: 'gauge',
        name: 'holdfast_projection_state',
        help: `1 for the state that the read model is in, 0 for the others: ${STATES.join(', ')}.`,
        labels: ['projection', 'state'],
        of: (views) =>
          views.flatMap(({ name, live }) =>
            STATES.map((state) => ({ labels: { projection: name, state }, value: stateOf(live) === state ? 1 : 0 })),
          ),
      },
      {
        kind: 'gauge',
        name: 'holdfast_projection_poison_event_position',
        help: 'Log position of the event that a build cannot fold and stands before; absent when there is none.',
        labels: ['projection', 'build'],
        of: poisonEvents,
      },
      {
        kind: 'gauge',
        name: 'holdfast_projection_skipped_events',
        help: 'Events that operators have set aside for the build that is read.',
        labels: ['projection'],
        of: (views) => ofLive(views, ({ skipped }) => skipped),
      },
      {
        kind: 'gauge',
        name: 'holdfast_projection_builds',
        help: `Builds beside the one that is read, by state: ${BUILD_STATES.join(', ')}.`,
        labels: ['projection', 'state'],
        of: (views) =>
          views.flatMap(({ name, others }) =>
            BUILD_STATES.map((state) => ({
              labels: { projection: name, state },
              value: others.filter((build) => build.state === state).length,
            })),
          ),
      },
      {
        kind: 'gauge',
        name: 'holdfast_projection_build_lag_events',
        help: 'Events that the newest build on its way still has to take in; absent when none is on its way.',
        labels: ['projection'],
        of: (views) =>
          views.flatMap(({ name, others }) => {
            const building = others.findLast(({ state }) => state === 'building');
            return building === undefined ? [] : [{ labels: { projection: name }, value: building.lagEvents }];
          }),
      },
    ],
  };
}

function ofLive(views: readonly ProjectionView[], value: (live: BuildOverview) => number): readonly Sample[] {
  return views.flatMap(({ name, live }) => (live === null ? [] : [{ labels: { projection: name }, value: value(live) }]));
}

function stateOf(live: BuildOverview | null): (typeof STATES)[number] {
  if (live === null) return 'missing';
  if (live.failure !== null) return 'stopped';
  return live.inHand ? 'running' : 'unattended';
}

/** Builds have numbers without end, so a label only tells whether it is the one that is read. */
function poisonEvents(views: readonly ProjectionView[]): readonly Sample[] {
  return views.flatMap(({ name, live, others }) => {
    const besides = others.findLast(({ failure }) => failure !== null);
    return [['live', live] as const, ['other', besides] as const].flatMap(([build, overview]) => {
      const failure = overview?.failure ?? null;
      return failure === null ? [] : [{ labels: { projection: name, build }, value: failure.event.position }];
    });
  });
}
