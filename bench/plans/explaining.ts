import type pg from 'pg';

/** Has a row for each build; every statement looks at it for the position that its answer is as of. */
const CHECKPOINTS = 'projection_builds';

/** What of a plan is looked at. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

interface Explained {
  readonly Plan: PlanNode;
  readonly 'Planning Time': number;
  readonly 'Execution Time': number;
}

/** A statement that was explained while it was carried out. */
export interface Statement {
  readonly milliseconds: number;
  /** Pages of 8 KiB that it looked at, in memory or not. */
  readonly pages: number;
  /** How tables were read, a line each. */
  readonly reads: readonly string[];
  /** Tables that were read from one end to the other. */
  readonly scanned: readonly string[];
}

/** A database that explains each statement (ANALYZE, BUFFERS) before it answers it. */
export class ExplainingDatabase {
  readonly statements: Statement[] = [];
  private readonly client: pg.Client;

  constructor(client: pg.Client) {
    this.client = client;
  }

  async query<Row extends pg.QueryResultRow>(statement: string | pg.QueryConfig, given?: readonly unknown[]): Promise<pg.QueryResult<Row>> {
    const text = typeof statement === 'string' ? statement : statement.text;
    const values = [...(given ?? (typeof statement === 'string' ? [] : (statement.values ?? [])))];
    // As a connection that has asked it many times would: what is planned is the statement with its values.
    const { rows } = await this.client.query<{ 'QUERY PLAN': readonly [Explained] }>(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
      values,
    );
    const [explained] = rows[0]?.['QUERY PLAN'] ?? [];
    if (explained !== undefined) this.statements.push(statementOf(explained));
    return this.client.query<Row>(text, values);
  }
}

function statementOf({ Plan, 'Planning Time': planning, 'Execution Time': execution }: Explained): Statement {
  const nodes = nodesOf(Plan);
  const reads = nodes.filter((node) => (node['Relation Name'] ?? node['Index Name'] ?? CHECKPOINTS) !== CHECKPOINTS);
  return {
    milliseconds: planning + execution,
    pages: Plan['Shared Hit Blocks'] + Plan['Shared Read Blocks'],
    reads: reads.map(lineOf),
    scanned: nodes
      .filter((node) => node['Node Type'] === 'Seq Scan' && node['Actual Loops'] > 0)
      .map((node) => node['Relation Name'] ?? ''),
  };
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function lineOf(node: PlanNode): string {
  const where = [
    node['Index Name'] === undefined ? '' : `using ${node['Index Name']}`,
    node['Relation Name'] === undefined ? '' : `on ${node['Relation Name']}`,
  ];
  const rows = `${node['Actual Rows'] * node['Actual Loops']} rows`;
  const removed = (node['Rows Removed by Filter'] ?? 0) * node['Actual Loops'];
  return [node['Node Type'], ...where.filter((part) => part !== ''), `(${rows}${removed > 0 ? `, ${removed} passed by` : ''})`].join(' ');
}
