import { isReason } from '../api/errors.ts';
import { HorizontalPodAutoscalers } from '../api/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import { AutoscalerDecisions } from '../api/kinds/coracle/autoscaler-decisions.ts';
import { explainDecision, type DecisionRecord } from '../controllers/index.ts';
import { connect } from './connect.ts';
import { place, type PlaceOptions } from './place.ts';

const AUTOSCALER = ['hpa', 'horizontalpodautoscaler', 'horizontalpodautoscalers'];

/** `coracle why hpa NAME`: the latest decisions of an autoscaler, in plain words or as the records they are. */
export async function why(kind: string, name: string, options: PlaceOptions & { namespace: string; last: number; output: string }): Promise<void> {
  if (!AUTOSCALER.includes(kind.toLowerCase())) throw new Error(`why ${kind}: only decisions of autoscalers are kept; say \`coracle why hpa ${name}\``);
  if (options.output !== 'text' && options.output !== 'json') throw new Error(`-o ${options.output}: it is text or json`);
  if (!Number.isInteger(options.last) || options.last < 1) throw new Error('--last takes a number of decisions, at least 1');
  const client = connect(place(options));
  try {
    const { decisions = [] } = await client.get(AutoscalerDecisions, name, { namespace: options.namespace }).catch(async (error: unknown) => {
      if (!isReason(error, 'NotFound')) throw error;
      // Nothing decided yet, or no such autoscaler: then this says so.
      await client.get(HorizontalPodAutoscalers, name, { namespace: options.namespace });
      return { decisions: [] };
    });
    const records = (decisions as DecisionRecord[]).slice(-options.last);
    if (options.output === 'json') process.stdout.write(`${JSON.stringify(records, undefined, 2)}\n`);
    else process.stdout.write(records.length === 0 ? 'No decision yet: the autoscaler looks at its target when it is made, and then every sync period.\n' : `${records.map((record) => explainDecision(record).flatMap((line) => wrapped(line, process.stdout.columns)).join('\n')).join('\n\n')}\n`);
  } finally {
    await client.close();
  }
}

/** A line as lines of at most `width` characters, broken between words, the later ones set in; whole where the output is no terminal. */
export function wrapped(line: string, width: number | undefined): string[] {
  if (width === undefined || line.length <= width) return [line];
  const indent = `${/^ */.exec(line)![0]}    `;
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const at = space > indent.length ? space : rest.indexOf(' ', width);
    if (at < 0) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = `${indent}${rest.slice(at + 1).trimStart()}`;
  }
  return [...lines, rest];
}
