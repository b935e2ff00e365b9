import type { Arena } from '../arena.ts';
import { interleave, ratioOf } from '../interleave.ts';
import { type Report, rate, times } from '../report.ts';
import { appendSides } from '../sides/appends.ts';

/** The store alone: its grouped appends beside one transaction for each, and beside the least that PostgreSQL can be asked for the same rows. */
export async function appends(arena: Arena): Promise<Report> {
  const { rounds, milliseconds } = arena.settings;
  const { sides, close } = await appendSides(await arena.holdfastDatabase());
  try {
    const measured = await interleave(sides, rounds, milliseconds);
    const [single, , copy] = measured.map(({ rates }) => rates) as [readonly number[], readonly number[], readonly number[]];
    const rows = measured.map(({ name, median, least, most, rates }) => [
      name,
      rate(median),
      `${rate(least)} – ${rate(most)}`,
      times(ratioOf(rates, single)),
      times(ratioOf(rates, copy)),
    ]);
    const columns = ['side', 'per second', 'spread', '… times one transaction each', 'share of COPY'];
    return {
      title: 'Appends of two events to many streams',
      tables: [{ caption: 'The store alone, without HTTP', columns, rows }],
      remarks: [],
    };
  } finally {
    await close();
  }
}
