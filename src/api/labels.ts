/** What keys and values of labels may be. Texts: apimachinery pkg/util/validation. */

const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const SUBDOMAIN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const qualifiedPattern = new RegExp(`^${QUALIFIED}$`);
const subdomainPattern = new RegExp(`^${SUBDOMAIN}$`);
const NAME = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED}')`;

const tooLong = (length: number) => `must be no more than ${length} characters`;

/** Complaints about a label or annotation key (`example.com/name`); empty when it is fine. */
export function qualifiedNameProblems(key: string): string[] {
  const parts = key.split('/');
  if (parts.length > 2) return [`a qualified name ${NAME} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const problems: string[] = [];
  if (parts.length === 2) problems.push(...subdomainProblems(parts[0]!).map((problem) => `prefix part ${problem}`));
  const name = parts.at(-1)!;
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > 63) problems.push(`name part ${tooLong(63)}`);
  if (!qualifiedPattern.test(name)) problems.push(`name part ${NAME}`);
  return problems;
}

/** Complaints about the DNS subdomain before the `/` of a key. */
function subdomainProblems(prefix: string): string[] {
  if (prefix === '') return ['must be non-empty'];
  const problems: string[] = [];
  if (prefix.length > 253) problems.push(tooLong(253));
  if (!subdomainPattern.test(prefix)) {
    problems.push(`a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`);
  }
  return problems;
}

/** Complaints about a label's value; empty when it is fine. */
export function labelValueProblems(value: string): string[] {
  const problems: string[] = [];
  if (value.length > 63) problems.push(tooLong(63));
  if (value !== '' && !qualifiedPattern.test(value)) {
    problems.push(`a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${QUALIFIED})?')`);
  }
  return problems;
}
