import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { openHoldfast } from '../../src/main.ts';
import { makeDataDirectory, withDatabase } from '../support/postgres.ts';
import { sharedData } from '../support/shared-data.ts';
import { waitUntil } from '../support/wait-until.ts';

const HOLDFAST = fileURLToPath(new URL('../../bin/holdfast.js', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function holdfast(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const options = { env: { ...process.env, ...environment }, timeout: 60_000 };
  return promisify(execFile)(process.execPath, [HOLDFAST, ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Ended) => error,
  );
}

describe('holdfast import', () => {
  const database = withDatabase();
  const imported = async (...args: string[]) => holdfast(['import', ...args, '--json'], { DATABASE_URL: database() });

  it('brings in a railway for a week, once', async function () {
    this.timeout(120_000);
    const feed = sharedData(this, 'gtfs-caltrain');
    const args = ['gtfs', feed, '--from', '2019-10-07', '--days', '7', '--seats-per-trip', '600', '--price-per-stop', '75'];
    const first = await imported(...args);
    expect(first, first.stderr).to.have.property('code', 0);
    const { layoutId, ...counts } = JSON.parse(first.stdout) as Record<string, unknown>;
    expect(counts).to.deep.equal({ opened: 556, alreadyThere: 0, refused: [], notReached: 0, skippedTrips: [] });
    expect(first.stderr).to.match(/slots: 556 of 556 \(100 %\)/);
    const again = await imported(...args);
    expect(JSON.parse(again.stdout)).to.deep.equal({
      layoutId,
      opened: 0,
      alreadyThere: 556,
      refused: [],
      notReached: 0,
      skippedTrips: [],
    });
  });

  it('brings in every map of a file', async function () {
    const map = sharedData(this, 'seat-maps/off_1.json');
    const { code, stdout } = await imported('seat-map', map, '--starts-at', '1970-01-01T00:00:00Z');
    expect([code, JSON.parse(stdout)]).to.deep.equal([0, { opened: 2, alreadyThere: 0, refused: [], notReached: 0 }]);
  });

  it('reads a file that begins with a byte order mark, as tools of Windows write it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
    try {
      const file = join(folder, 'hall.json');
      const plan = { zones: [{ rows: [{ seats: [{ seat_guid: 'marked', seat_number: 1 }] }] }] };
      await writeFile(file, `\uFEFF${JSON.stringify(plan)}`);
      const { code, stdout, stderr } = await imported('seating-plan', file);
      expect([code, (JSON.parse(stdout) as Record<string, unknown>).units], stderr).to.deep.equal([0, 1]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const refusedArgs = (feed: string) => [
    ...['gtfs', feed, '--from', '2019-10-13', '--days', '1', '--seats-per-trip', '4'],
    ...['--currency', 'ABC', '--prefix', 'x'],
  ];

  it('exits with 1 and tells each reason when slots are refused', async function () {
    const { code, stdout } = await imported(...refusedArgs(sharedData(this, 'gtfs-caltrain')));
    expect(code).to.equal(1);
    const { refused } = JSON.parse(stdout) as { refused: { slotId: string; reason: string }[] };
    expect(refused).to.have.lengthOf(46);
    expect(refused[0]?.reason).to.include('/currency');
  });

  it('finishes in good order, with the same exit code, when nobody reads its output', async function () {
    const args = ['import', ...refusedArgs(sharedData(this, 'gtfs-caltrain'))];
    const child = spawn(process.execPath, [HOLDFAST, ...args], {
      env: { ...process.env, DATABASE_URL: database() },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout.destroy();
    expect(await new Promise((resolve) => child.once('exit', resolve))).to.equal(1);
  });
});

describe('an import that is interrupted', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await makeDataDirectory();
  });
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  it('tells how far it came, ends with 1, and leaves no PostgreSQL behind', async function () {
    this.timeout(60_000);
    const args = ['gtfs', await feedOfTrips(folder, 100), '--from', '2027-01-01', '--days', '365', '--seats-per-trip', '4', '--json'];
    const dataFolder = join(folder, 'data');
    const child = spawn(process.execPath, [HOLDFAST, 'import', ...args, '--currency', 'GBP'], {
      env: { ...process.env, DATABASE_URL: '', HOLDFAST_DATA_DIR: dataFolder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    }
    const ended = once(child, 'exit');
    await untilSlotsIn(dataFolder);
    child.kill('SIGTERM');
    expect((await ended)[0], said.stderr).to.equal(1);
    const { opened, notReached } = JSON.parse(said.stdout) as Record<string, number>;
    expect(opened).to.be.greaterThan(0);
    expect(notReached).to.equal(36_500 - (opened ?? 0));
    expect(said.stderr).to.match(/holdfast: interrupted/);
    expect(await isThere(join(dataFolder, 'postgres', 'postmaster.pid'))).to.equal(false);
  });
});

describe('an import through a service that goes away', () => {
  let folder: string;
  let server: Server;
  before(async () => {
    folder = await makeDataDirectory();
    let opened = 0;
    server = createServer(async (request, response) => {
      const { slotId } = JSON.parse(await text(request)) as { slotId?: string };
      if (slotId === undefined) response.writeHead(201).end(JSON.stringify({ layoutId: 'coach', units: 4 }));
      else if (opened < 20) response.writeHead(201).end(JSON.stringify({ slotId }));
      else response.writeHead(404).end('<html>Gone</html>');
      if (slotId !== undefined) opened += 1;
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  it('tells how far it came, and at which slot it ended', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const args = ['gtfs', await feedOfTrips(folder, 10), '--from', '2027-01-01', '--days', '10', '--seats-per-trip', '4', '--url', url];
    const { code, stdout, stderr } = await holdfast(['import', ...args, '--currency', 'GBP']);
    expect(code).to.equal(1);
    expect(stdout).to.match(/^opened +20 *$/m);
    expect(stdout).to.match(/^not reached +80 *$/m);
    expect(stderr).to.match(/^holdfast: gtfs-T\d-202701\d\d: http:\S+ does not answer as a Holdfast service \(status 404\)$/m);
  });
});

describe('a wrong command line', () => {
  it('is told in one line, with exit code 2, before anything is opened', async () => {
    const { code, stdout, stderr } = await holdfast([
      'import',
      'gtfs',
      'feed.zip',
      '--from',
      '2027-02-30',
      '--days',
      '1',
      '--seats-per-trip',
      '1',
    ]);
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(
      stderr
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('error:')),
    ).to.have.lengthOf(1);
    expect((await holdfast(['frobnicate'])).code).to.equal(2);
  });

  it('that names a file which is not there is told in one line, with exit code 1', async () => {
    const { code, stderr } = await holdfast(['import', 'seating-plan', 'nowhere.json']);
    expect(code).to.equal(1);
    expect(stderr).to.match(/^holdfast: .*nowhere\.json.*\n$/);
  });
});

/** A feed of so many trips a day, each with two stops. */
async function feedOfTrips(folder: string, trips: number): Promise<string> {
  const feed = join(folder, 'feed');
  const names = Array.from({ length: trips }, (_, index) => `T${index}`);
  const files: Readonly<Record<string, readonly string[]>> = {
    'agency.txt': ['agency_id,agency_timezone', '1,Europe/London'],
    'routes.txt': ['route_id,route_type', 'R,3'],
    'stops.txt': ['stop_id', 'A', 'B'],
    'calendar.txt': [
      'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date',
      'S,1,1,1,1,1,1,1,20270101,20271231',
    ],
    'trips.txt': ['route_id,service_id,trip_id', ...names.map((name) => `R,S,${name}`)],
    'stop_times.txt': [
      'trip_id,arrival_time,departure_time,stop_id,stop_sequence',
      ...names.flatMap((name) => [`${name},08:00:00,08:00:00,A,1`, `${name},09:00:00,09:00:00,B,2`]),
    ],
  };
  await mkdir(feed);
  for (const [name, lines] of Object.entries(files)) await writeFile(join(feed, name), lines.join('\n'));
  return feed;
}

/** Resolves when the import has opened slots in the folder; the PostgreSQL there is left to it. */
async function untilSlotsIn(dataFolder: string): Promise<void> {
  await waitUntil('the import has begun', () => isThere(join(dataFolder, 'postgres', 'postmaster.pid')), 30_000);
  const parts = await openHoldfast({ databaseUrl: null, dataFolder });
  try {
    await waitUntil('slots are being opened', async () => (await parts.store.headPosition()) > 10, 30_000);
  } finally {
    await parts.close();
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
