import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { withDatabase } from '../support/postgres.ts';
import { sharedData } from '../support/shared-data.ts';

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
    expect(counts).to.deep.equal({ opened: 556, alreadyThere: 0, refused: [], skippedTrips: [] });
    expect(first.stderr).to.match(/slots: 556 of 556 \(100 %\)/);
    const again = await imported(...args);
    expect(JSON.parse(again.stdout)).to.deep.equal({ layoutId, opened: 0, alreadyThere: 556, refused: [], skippedTrips: [] });
  });

  it('brings in every map of a file', async function () {
    const map = sharedData(this, 'seat-maps/off_1.json');
    const { code, stdout } = await imported('seat-map', map, '--starts-at', '1970-01-01T00:00:00Z');
    expect([code, JSON.parse(stdout)]).to.deep.equal([0, { opened: 2, alreadyThere: 0, refused: [] }]);
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
