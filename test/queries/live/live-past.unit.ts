import { expect } from 'chai';
import type { SpanRequest } from '../../../src/domain/axis.ts';
import { LiveHub } from '../../../src/queries/live/live-hub.ts';
import type { LivePoint } from '../../../src/queries/live/live-maps.ts';
import { Client, type HubSide, startHubSide } from '../../support/live-hub.ts';
import { append, type Happened } from '../../support/read-side.ts';
import { HOUR, MINUTE, NOW, opened, POLICY, STARTS, seat, stops, stopsAxis } from '../../support/slot-builders.ts';
import { waitFor } from '../../support/wait-until.ts';

const ACCEPTING_PAST: Happened = { type: 'SlotChanged', changes: { policy: { ...POLICY, acceptPast: true } } };

describe('a span that is watched and comes to be over', () => {
  let side: HubSide;

  beforeEach(async () => {
    side = await startHubSide();
  });
  afterEach(async () => {
    await side.close();
    expect(side.errors).to.deep.equal([]);
  });

  async function open(slot: Parameters<typeof opened>[0]): Promise<void> {
    await side.follower.waitFor(await append(side.store, 'slot-hamlet', [opened({ units: [seat('A1'), seat('A2')], ...slot })]), 5_000);
  }

  async function tell(event: Happened): Promise<void> {
    await side.follower.waitFor(await append(side.store, 'slot-hamlet', [event]), 5_000);
  }

  /** A client of another instance, for a moment. */
  async function watchElsewhere(span: SpanRequest, after: LivePoint | null): Promise<Client> {
    const elsewhere = new LiveHub(side.parts);
    try {
      const answer = await elsewhere.open({ slotId: 'hamlet', span, after, atLeast: 1 });
      if (answer.kind !== 'open') throw new Error(answer.kind);
      const client = new Client();
      client.watches(answer.begin(client));
      return client;
    } finally {
      elsewhere.stop();
    }
  }

  const shown = (client: Client) => [client.map.version, ...[...client.map.seats.values()].map(({ status }) => status)];

  it('is told without an event: of a trip from the stop that it leaves, and nowhere else', async () => {
    await open({ axis: stopsAxis(4) });
    const client = await side.watch('hamlet', { span: stops(0, 3) });
    const later = await side.watch('hamlet', { span: stops(1, 3) });
    const away = await side.watch('hamlet', { span: stops(0, 3) });
    away.leave();
    expect(shown(client)).to.deep.equal([1, 'free', 'free']);

    side.now = STARTS + 1;

    await waitFor('the client is told', () => client.map.seats.get('A1')?.status === 'blocked');
    expect(shown(client)).to.deep.equal([1, 'blocked', 'blocked']);
    expect(shown(later)).to.deep.equal([1, 'free', 'free']);
    expect(shown(await side.watch('hamlet', { span: stops(0, 3), from: away }))).to.deep.equal([1, 'blocked', 'blocked']);
  });

  it('is told to who comes from another instance with what it was before', async () => {
    await open({ axis: { type: 'time', bufferMinutes: 0 } });
    const span = { from: NOW, to: NOW + HOUR };
    const before = await side.watch('hamlet', { span });
    expect(shown(before)).to.deep.equal([1, 'free', 'free']);
    side.now = NOW + 5 * MINUTE + 1;

    expect(shown(await watchElsewhere(span, { version: 1, lacksCounts: false }))).to.deep.equal([1, 'blocked', 'blocked']);
  });

  it('is told at once to who comes before the clock was looked at', async () => {
    await open({ axis: stopsAxis(4) });
    await side.watch('hamlet', { span: stops(0, 3) });
    side.now = STARTS + 1;
    expect(shown(await side.watch('hamlet', { span: stops(0, 3) }))).to.deep.equal([1, 'blocked', 'blocked']);
  });

  it('is told to be free again to who read that it was over before the clock was looked at', async () => {
    await open({ axis: stopsAxis(4) });
    await side.watch('hamlet', { span: stops(0, 3) });
    side.now = STARTS + 1;
    const reader = await watchElsewhere(stops(0, 3), null);
    expect(shown(reader)).to.deep.equal([1, 'blocked', 'blocked']);
    const client = await side.watch('hamlet', { span: stops(0, 3), from: reader });
    await tell(ACCEPTING_PAST);
    await side.reached(client, 2);
    // What he was told lies over what he had.
    const known = new Map([...reader.map.seats, ...client.map.seats]);
    expect([...known.values()].map(({ status }) => status)).to.deep.equal(['free', 'free']);
  });
});
