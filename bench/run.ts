import { parseArgs } from 'node:util';
import { Arena, type Settings } from './arena.ts';
import { interleave, type Side } from './interleave.ts';
import { print, type Report, ratesTable, settingsInWords, writeTo } from './report.ts';

interface Part {
  readonly name: string;
  run(arena: Arena): Promise<Report>;
}

/** Sides that do something on a database with Holdfast's schema. */
type OpenSides = (connectionString: string) => Promise<{ readonly sides: readonly Side[]; close(): Promise<void> }>;

/** Each part is loaded when it runs, so that nothing of the others weighs on it. */
const PARTS: readonly Part[] = [
  { name: 'hot-show', run: async (arena) => (await import('./writes/shows.ts')).hotShow(arena) },
  { name: 'even-shows', run: async (arena) => (await import('./writes/shows.ts')).evenShows(arena) },
  { name: 'zipf-shows', run: async (arena) => (await import('./writes/shows.ts')).zipfShows(arena) },
  { name: 'sold-out', run: async (arena) => (await import('./writes/sold-out.ts')).soldOut(arena) },
  { name: 'mix', run: async (arena) => (await import('./writes/mix.ts')).mix(arena) },
  { name: 'appends', run: async (arena) => (await import('./writes/appends.ts')).appends(arena) },
  compared('rebuild', 'Seat map from a million events, events per second', async () => (await import('./sides/rebuild.ts')).rebuildSides),
  compared(
    'hot-slot',
    'Holds of one seat on one hot show without HTTP, per second',
    async () => (await import('./sides/hot-slot.ts')).hotSlotSides,
  ),
  { name: 'reads', run: async (arena) => (await import('./reads/reads.ts')).reads(arena, 'availability') },
  { name: 'reads', run: async (arena) => (await import('./reads/reads.ts')).reads(arena, 'seats') },
  { name: 'hit-rates', run: async (arena) => (await import('./reads/hit-rates.ts')).hitRates(arena) },
  { name: 'freshness', run: async (arena) => (await import('./freshness/freshness.ts')).freshness(arena) },
  { name: 'growth', run: async (arena) => (await import('./growth/growth.ts')).growth(arena) },
];

const DOCUMENT = 'docs/benchmarks.md';

/** A part that is one table of sides beside each other. */
function compared(name: string, title: string, load: () => Promise<OpenSides>): Part {
  return {
    name,
    async run(arena) {
      const { rounds, milliseconds } = arena.settings;
      const open = await load();
      const { sides, close } = await open(await arena.holdfastDatabase());
      try {
        return { title, tables: [ratesTable('', await interleave(sides, rounds, milliseconds))], remarks: [] };
      } finally {
        await close();
      }
    },
  };
}

/** Measures the parts that are named on the command line, or all, on a fresh embedded PostgreSQL with fsync on. */
async function main(words: readonly string[]): Promise<void> {
  const { names, write, settings } = readWords(words);
  const parts = PARTS.filter(({ name }) => names.length === 0 || names.includes(name));
  const said = settingsInWords(settings);
  console.log(`${said.join('\n')}\n`);
  const arena = await Arena.open(settings);
  try {
    for (const [index, part] of parts.entries()) {
      const found = await part.run(arena);
      const report = { ...found, remarks: [...found.remarks, ...arena.takeSteadiness()] };
      print(part.name, report);
      const nth = parts.slice(0, index).filter(({ name }) => name === part.name).length;
      if (write) writeTo(DOCUMENT, part.name, nth, report, said);
    }
  } finally {
    await arena.close();
  }
}

function readWords(words: readonly string[]): { readonly names: readonly string[]; readonly write: boolean; readonly settings: Settings } {
  const { values, positionals: names } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      beside: { type: 'string' },
      only: { type: 'string' },
      peaks: { type: 'boolean', default: false },
      profiles: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const unknown = names.find((name) => PARTS.every((part) => part.name !== name));
  if (unknown !== undefined) throw new Error(`there is no part "${unknown}"; parts are ${PARTS.map((part) => part.name).join(', ')}`);
  const { rounds, seconds, beside = null, only, peaks: peaksOnly, profiles = null, write } = values;
  return {
    names,
    write,
    settings: {
      rounds: Number(rounds),
      milliseconds: Number(seconds) * 1_000,
      beside,
      only: only?.split(',') ?? null,
      peaksOnly,
      profiles,
    },
  };
}

await main(process.argv.slice(2));
