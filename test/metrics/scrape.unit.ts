import { expect } from 'chai';
import { type FactSource, Scrape } from '../../src/metrics/scrape.ts';

const BOUND_MS = 50;

/** A source whose readings end when and how the test says. */
function scripted(name: string) {
  const readings: { resolve: (facts: number) => void; reject: (error: Error) => void }[] = [];
  const source: FactSource<number> = {
    name,
    read: () => new Promise((resolve, reject) => void readings.push({ resolve, reject })),
    series: [
      { kind: 'gauge', name: `${name}_gauge`, help: 'A number.', of: (facts) => facts },
      { kind: 'counter', name: `${name}_total`, help: 'Numbers.', labels: ['of'], of: (facts) => [{ labels: { of: 'it' }, value: facts }] },
    ],
  };
  return { source, readings };
}

/** The lines of the page that are values of this metric. */
function linesOf(text: string, name: string): readonly string[] {
  return text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
}

describe('a scrape', () => {
  it('shows what its sources tell now, also where that is less than before', async () => {
    const scrape = new Scrape(BOUND_MS);
    const facts = { open: 3, seen: new Map([['a', 1]]) };
    scrape.add({
      name: 'facts',
      read: () => facts,
      series: [
        { kind: 'gauge', name: 'open', help: 'Open.', of: ({ open }) => open },
        {
          kind: 'gauge',
          name: 'by_name',
          help: 'By name.',
          labels: ['name'],
          of: ({ seen }) => [...seen].map(([name, value]) => ({ labels: { name }, value })),
        },
        { kind: 'gauge', name: 'unknown', help: 'Not known.', of: () => null },
      ],
    });
    const first = await scrape.text();
    expect(first).to.contain('# TYPE open gauge\nopen 3\n');
    expect(linesOf(first, 'by_name')).to.deep.equal(['by_name{name="a"} 1']);
    facts.open = 2;
    facts.seen = new Map([['b', 7]]);
    const second = await scrape.text();
    expect(linesOf(second, 'open')).to.deep.equal(['open 2']);
    expect(linesOf(second, 'by_name')).to.deep.equal(['by_name{name="b"} 7']);
    expect(linesOf(second, 'unknown')).to.deep.equal([]);
  });

  it('counts a total once, however often it is shown', async () => {
    const scrape = new Scrape(BOUND_MS);
    scrape.add({ name: 'facts', read: () => 5, series: [{ kind: 'counter', name: 'done_total', help: 'Done.', of: (facts) => facts }] });
    await scrape.text();
    expect(linesOf(await scrape.text(), 'done_total')).to.deep.equal(['done_total 5']);
  });

  it('leaves out what does not come within its bound, and does not ask for it again before it has come', async () => {
    const scrape = new Scrape(BOUND_MS);
    const { source, readings } = scripted('slow');
    scrape.add(source);
    scrape.add({ name: 'quick', read: () => 1, series: [{ kind: 'gauge', name: 'quick_gauge', help: 'A number.', of: (facts) => facts }] });
    for (const errors of [1, 2]) {
      const text = await scrape.text();
      expect([...linesOf(text, 'slow_gauge'), ...linesOf(text, 'slow_total')]).to.deep.equal([]);
      expect(linesOf(text, 'quick_gauge')).to.deep.equal(['quick_gauge 1']);
      expect(text).to.contain('holdfast_scrape_source_up{source="slow"} 0').and.to.contain('holdfast_scrape_source_up{source="quick"} 1');
      expect(text).to.contain(`holdfast_scrape_errors_total{source="slow"} ${errors}`);
    }
    expect(readings, 'one reading is under way').to.have.length(1);
    readings[0]?.resolve(4);
    await Promise.resolve();
    const healed = scrape.text();
    readings[1]?.resolve(5);
    expect(linesOf(await healed, 'slow_gauge')).to.deep.equal(['slow_gauge 5']);
  });

  it('takes back what a source told before, when it fails', async () => {
    const scrape = new Scrape(BOUND_MS);
    const { source, readings } = scripted('flaky');
    scrape.add(source);
    const first = scrape.text();
    readings[0]?.resolve(4);
    expect(linesOf(await first, 'flaky_total')).to.deep.equal(['flaky_total{of="it"} 4']);
    const second = scrape.text();
    readings[1]?.reject(new Error('planned'));
    const text = await second;
    expect([...linesOf(text, 'flaky_gauge'), ...linesOf(text, 'flaky_total')]).to.deep.equal([]);
    expect(text).to.contain('holdfast_scrape_source_up{source="flaky"} 0');
  });

  it('reads once for all who ask at the same time', async () => {
    const scrape = new Scrape(BOUND_MS);
    const { source, readings } = scripted('shared');
    scrape.add(source);
    const pages = [scrape.text(), scrape.text()];
    expect(readings).to.have.length(1);
    readings[0]?.resolve(1);
    const [first, second] = await Promise.all(pages);
    expect(first).to.equal(second);
  });
});
