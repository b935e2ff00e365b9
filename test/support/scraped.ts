/** What a service's /metrics says. */
export interface Scraped {
  readonly response: Response;
  readonly text: string;
  /** By metric and labels as they are written, such as `holdfast_log_position` or `a_total{b="c"}`. */
  readonly values: ReadonlyMap<string, number>;
}

export async function scrape(url: string): Promise<Scraped> {
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const values = new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
  return { response, text, values };
}
