import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../../src/apiserver/testing.suite.ts';

/**
 * What a real kube-apiserver answered to creates (dry run), and what ours answers. The file says which server it was; its cases hold the request and the answer, with uids, times and
 * what names the asker replaced by words.
 */
interface Recorded {
  readonly name: string;
  readonly path: string;
  readonly body: object;
  /** Known to be answered otherwise, and not meant to stay so: the test fails when it no longer is, and the mark goes. */
  readonly differs?: boolean;
  readonly answer: { readonly code: number; readonly reason?: string; readonly message?: string; readonly causes?: readonly string[]; readonly warnings?: readonly string[]; readonly object?: object };
}

const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, '../conformance/answers-1.33.1.json'), 'utf8')) as { cases: Recorded[] };

interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason: string; readonly field: string; readonly message: string }[] };
}

let api: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  api = await serve({ services: { serviceCidr: '10.96.0.0/16' } });
  await api.ask('POST', '/api/v1/namespaces', { body: '{"metadata":{"name":"recorded"}}' });
  await api.ask('POST', '/api/v1/namespaces/recorded/serviceaccounts', { body: '{"metadata":{"name":"default"}}' });
});
afterAll(() => api.close());

/** What ours warns of beyond upstream, on purpose. */
const OWN_WARNINGS = /not enforced by this cluster/;

/** Ours says what was meant by a misspelt field; the rest is as recorded. */
function scrubbed(text: string): string {
  return text
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
    .replace(/20(?:2[5-9]|[3-9]\d)-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z/g, 'TIME')
    .replace(/X509SHA256=[0-9a-f]{64}/g, 'CREDENTIAL')
    .replace(/ \(did you mean \\*"[^"]*"\?\)/g, '');
}

const warningsOf = (header: string | string[] | undefined): string[] | undefined =>
  header === undefined ? undefined : [...String(header).matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text]) => JSON.parse(`"${text}"`) as string);

async function answer({ path, body, answer: { object } }: Recorded): Promise<Recorded['answer']> {
  const got = await api.ask('POST', path, { body: JSON.stringify(body) });
  const said = JSON.parse(scrubbed(got.text)) as Status;
  const warnings = warningsOf(got.headers['warning'])?.map(scrubbed).filter((text) => !OWN_WARNINGS.test(text)) ?? [];
  const beside = { code: got.status, ...(warnings.length > 0 && { warnings }) };
  if (got.status < 400) return { ...beside, ...(object && { object: said }) };
  const causes = said.details?.causes?.map((cause) => `${cause.reason} ${cause.field}: ${cause.message}`).sort();
  return { ...beside, ...(said.reason !== undefined && { reason: said.reason }), ...(causes ? { causes } : { message: said.message ?? '' }) };
}

describe('answers of kube-apiserver', () => {
  for (const recorded of cases) {
    (recorded.differs ? test.fails : test)(recorded.name, async () => {
      expect(await answer(recorded)).toEqual(recorded.answer);
    });
  }
});
