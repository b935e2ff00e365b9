import { expect } from 'chai';
import pg from 'pg';
import type { Service } from '../../src/main.ts';
import { readBuilds } from '../../src/projections/builds/registry.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import { demand } from '../support/api.ts';
import { type Ended, runHoldfast } from '../support/command-line.ts';
import { withDatabase } from '../support/postgres.ts';
import { ALL_PROJECTIONS, append } from '../support/read-side.ts';
import { startService } from '../support/service.ts';
import { claim, held, opened } from '../support/slot-builders.ts';
import { waitUntil } from '../support/wait-until.ts';

const WAIT_MS = 20_000;

interface BuildLine {
  readonly build: number;
  readonly state: string;
}

describe('holdfast projections', function () {
  this.timeout(4 * WAIT_MS);
  const database = withDatabase();

  const holdfast = (...words: readonly string[]): Promise<Ended> => runHoldfast(['projections', ...words], { DATABASE_URL: database() });

  async function listed(name: string): Promise<readonly BuildLine[]> {
    const { stdout } = await holdfast('list', '--json');
    const views = JSON.parse(stdout) as { name: string; live: BuildLine; others: readonly BuildLine[] }[];
    const { live, others } = views.find((view) => view.name === name) ?? { live: null, others: [] };
    return [live, ...others].map((one) => ({ build: one?.build ?? 0, state: one?.state ?? '' }));
  }

  describe('where no service runs', () => {
    before(async () => {
      const service = await startService(database(), { releaseProcess: false });
      await append(service.store, 'slot-hamlet', [opened(), ...held('hamlet.1', [claim('A1')])]);
      await service.stop();
    });

    it('rebuilds by itself, compares, and tells how to go on', async () => {
      const { code, stdout, stderr } = await holdfast('rebuild', 'inventory', '--by', 'anna');
      expect(code, stderr).to.equal(0);
      expect(stdout).to.include('Build 2 of inventory has caught up, compared with the live one: equal.');
      expect(stdout).to.include('slot_claims 1 rows, the same');
      expect(stdout).to.include('"holdfast projections switch inventory" lets it be read.');
      expect(await listed('inventory')).to.deep.equal([
        { build: 1, state: 'live' },
        { build: 2, state: 'caught-up' },
      ]);
    });

    it('builds and compares nothing when there is one that was compared before, and says so', async () => {
      const { code, stderr } = await holdfast('rebuild', 'inventory', '--by', 'anna');
      expect(code).to.equal(1);
      expect(stderr).to.match(/^holdfast: build 2 of inventory has caught up before, and was compared at position \d+: equal\./);
      expect(await listed('inventory')).to.have.length(2);
    });

    it('switches, and lists what is read and what is not', async () => {
      const { code, stdout } = await holdfast('switch', 'inventory', '--by', 'anna');
      expect([code, stdout]).to.deep.equal([0, 'Build 2 of inventory is read from now on.\n']);
      expect(await listed('inventory')).to.deep.equal([
        { build: 2, state: 'live' },
        { build: 1, state: 'draining' },
      ]);
      const { stdout: table } = await holdfast('list');
      expect(table).to.match(/inventory\W+2\W+\d+\W+live/);
      expect(table).to.match(/inventory\W+1\W+\d+\W+draining/);
    });

    it('drops what was read before', async () => {
      const { code, stdout } = await holdfast('drop', 'inventory', '--by', 'anna');
      expect([code, stdout]).to.deep.equal([0, 'Build 1 of inventory is removed.\n']);
      expect(await listed('inventory')).to.deep.equal([{ build: 2, state: 'live' }]);
    });

    it('fails when it finds something off, and tells how to go on all the same', async () => {
      const client = new pg.Client({ connectionString: database() });
      await client.connect();
      await client.query('UPDATE holdfast_views.daily_sales SET bookings_held = 9');
      await client.end();
      const { code, stdout } = await holdfast('rebuild', 'sales', '--by', 'anna');
      expect(code).to.equal(1);
      expect(stdout).to.include('compared with the live one: different.');
      expect(stdout).to.match(/daily_sales 1 rows, different \(1 live\)/);
      expect(stdout).to.include('"holdfast projections switch sales --despite-differences" lets it be read.');
      expect((await holdfast('cancel', 'sales')).code).to.equal(0);
    });

    it('says in a sentence, and by the exit code, what cannot be done', async () => {
      const [cancelled, switched, dropped, unknown, wrong, mistyped] = await Promise.all([
        holdfast('cancel', 'inventory'),
        holdfast('switch', 'inventory'),
        holdfast('drop', 'inventory', '--build', '2'),
        holdfast('rebuild', 'nothing'),
        holdfast('skip', 'inventory', '7'),
        holdfast('skip', 'inventory', 'seven', '--reason', 'none'),
      ]);
      expect([cancelled.code, cancelled.stderr]).to.deep.equal([1, 'holdfast: No build of inventory is on its way.\n']);
      expect([switched.code, switched.stderr]).to.deep.equal([1, 'holdfast: There is no other build to switch to.\n']);
      expect([dropped.code, dropped.stderr]).to.deep.equal([1, 'holdfast: Build 2 of inventory is the live one.\n']);
      expect(unknown.code).to.equal(1);
      expect(unknown.stderr).to.include('There is no projection nothing; there are inventory, bookings');
      expect(wrong.code, 'a reason is required').to.equal(2);
      expect(mistyped.code).to.equal(2);
      expect(mistyped.stderr).to.match(/'seven' is invalid for argument 'position'\. Expected a whole number/);
    });
  });

  describe('beside a service', () => {
    let service: Service;

    before(async () => {
      service = await startService(database(), { releaseProcess: false });
    });
    after(() => service.stop());

    it('lets the service read what was built, at once, and keeps who gave the word', async () => {
      const { code, stdout } = await holdfast('rebuild', 'inventory', '--switch', '--by', 'bert');
      expect([code, stdout]).to.deep.equal([0, 'Build 3 of inventory is read from now on.\n']);
      await service.runner.live.refresh();
      expect((await service.runner.live.current(inventory)).build).to.equal(3);
      const { body } = await demand(200, service.url, '/slots/hamlet');
      expect(body).to.deep.include({ slotId: 'hamlet', version: 3 });
      const { rows } = await service.pool.query<{ action: string; actor: string }>(
        `SELECT action, actor FROM holdfast.projection_history WHERE name = 'inventory' AND build = 3 ORDER BY entry`,
      );
      expect(rows.map(({ action, actor }) => `${action} by ${actor}`)).to.deep.equal([
        'made by bert',
        'caught up by runner',
        'live by runner',
      ]);
    });

    it('gives up what somebody began over HTTP, where it is found on its way by whoever asks again', async () => {
      interface Projection {
        readonly build: number;
        readonly builds: readonly BuildLine[];
      }
      const rebuild = () => demand<Projection>(202, service.url, '/admin/projections/inventory/rebuild', { body: {} });
      const [{ body: first }, { body: second }] = [await rebuild(), await rebuild()];
      expect([first, second].map(({ builds }) => builds.filter(({ build }) => build > 3).map(({ build }) => build))).to.deep.equal([
        [4],
        [4],
      ]);
      const { code, stdout } = await holdfast('cancel', 'inventory');
      expect([code, stdout]).to.deep.equal([0, 'Build 4 of inventory is given up.\n']);
      expect((await listed('inventory')).map(({ build }) => build)).to.not.include(4);
      await demand(404, service.url, '/admin/projections/nothing/rebuild', { body: {} });
    });

    it('lists over HTTP what it lists', async () => {
      const { body } = await demand<{ items: readonly (BuildLine & { name: string; builds: readonly BuildLine[] })[] }>(
        200,
        service.url,
        '/admin/projections',
      );
      expect(body.items.map(({ name }) => name)).to.have.members(ALL_PROJECTIONS.map(({ name }) => name));
      const [one] = body.items.filter(({ name }) => name === 'inventory');
      const builds = [one, ...(one?.builds ?? [])].map((build) => ({ build: build?.build ?? 0, state: build?.state ?? '' }));
      expect(builds.at(0)).to.deep.equal({ build: 3, state: 'live' });
      expect(builds).to.deep.equal(await listed('inventory'));
    });

    it('tells at which event a read model stopped, tries it again, and sets it aside when it is told to', async () => {
      const unknown = { unitId: 'Z9', category: 'gold', price: 1 };
      const before = await service.store.headPosition();
      const poison = { type: 'UnitsChanged', changes: [unknown] } as const;
      await append(service.store, 'slot-hamlet', [poison, ...held('hamlet.2', [claim('A2')])]);
      const stopped = async () => (await readBuilds(service.pool)).find(({ name, live }) => name === 'inventory' && live)?.failure ?? null;
      await waitUntil('it stopped', async () => (await stopped()) !== null, WAIT_MS);
      expect((await holdfast('list')).stdout).to.include(`event UnitsChanged at position ${before + 1}`);

      const tried = await holdfast('retry', 'inventory');
      expect([tried.code, tried.stdout]).to.deep.equal([0, 'Build 3 of inventory tries again.\n']);
      await waitUntil('it stopped again', async () => (await stopped()) !== null, WAIT_MS);

      const skipped = await holdfast('skip', 'inventory', String(before + 1), '--reason', 'there never was a Z9', '--by', 'carl');
      const said = `Build 3 of inventory goes on without the event at position ${before + 1}.\n`;
      expect([skipped.code, skipped.stdout]).to.deep.equal([0, said]);
      expect((await service.runner.watch.waitFor(inventory, before + 3, WAIT_MS)).reached).to.equal(true);
      const { rows } = await service.pool.query('SELECT position::int, reason, actor FROM holdfast.skipped_events');
      expect(rows).to.deep.equal([{ position: before + 1, reason: 'there never was a Z9', actor: 'carl' }]);
    });
  });
});
