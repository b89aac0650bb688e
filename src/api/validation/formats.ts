/** Formats of names and values; each returns its complaints ([] = fine). Rules and texts: apimachinery pkg/util/validation/validation.go. */

/** Keys of labels and annotations, resource and finalizer names: `example.com/MyName` or `MyName`; and what a label's value may be. */
export { labelValueProblems as labelValueFormat, qualifiedNameProblems as qualifiedName } from '../labels.ts';

const maxLength = (n: number) => `must be no more than ${n} characters`;

/** Upstream's text for a value that does not match. */
export function regexText(message: string, pattern: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`;
  return `${message} (e.g. ${examples.map((e) => `'${e}', `).join(' or ')}regex used for validation is '${pattern}')`;
}

export const between = (low: number, high: number) => `must be between ${low} and ${high}, inclusive`;

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`);

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const WILDCARD = `\\*\\.${SUBDOMAIN}`;
const CONFIG_KEY = '[-._a-zA-Z0-9]+';

const label = whole(LABEL);
const subdomain = whole(SUBDOMAIN);
const label1035 = whole(LABEL_1035);
const wildcard = whole(WILDCARD);

const SUBDOMAIN_TEXT = regexText("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character", SUBDOMAIN, 'example.com');
const LABEL_TEXT = regexText("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character", LABEL, 'my-name', '123-abc');
const LABEL_1035_TEXT = regexText("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character", LABEL_1035, 'my-name', 'abc-123');

export function dns1123Label(value: string): string[] {
  const errors = value.length > 63 ? [maxLength(63)] : [];
  if (!label.test(value)) errors.push(subdomain.test(value) ? 'must not contain dots' : LABEL_TEXT);
  return errors;
}

export function dns1123Subdomain(value: string): string[] {
  const errors = value.length > 253 ? [maxLength(253)] : [];
  if (!subdomain.test(value)) errors.push(SUBDOMAIN_TEXT);
  return errors;
}

export function dns1035Label(value: string): string[] {
  const errors = value.length > 63 ? [maxLength(63)] : [];
  if (!label1035.test(value)) errors.push(LABEL_1035_TEXT);
  return errors;
}

export function wildcardSubdomain(value: string): string[] {
  const errors = value.length > 253 ? [maxLength(253)] : [];
  if (!wildcard.test(value)) {
    errors.push(regexText("a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character", WILDCARD, '*.example.com'));
  }
  return errors;
}

/** Names that stand as one segment of a URL path (RBAC, CRs' groups …): apimachinery pkg/api/validation/path. */
export function pathSegment(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((c) => value.includes(c)).map((c) => `may not contain '${c}'`);
}

export function portNumber(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : [between(1, 65535)];
}

/** IANA_SVC_NAME. */
export function portName(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 15) errors.push(maxLength(15));
  if (!/^[-a-z0-9]+$/.test(value)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

function parentDirectory(value: string): string[] {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

export function configMapKey(value: string): string[] {
  const errors = value.length > 253 ? [maxLength(253)] : [];
  if (!whole(CONFIG_KEY).test(value)) errors.push(regexText("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", CONFIG_KEY, 'key.name', 'KEY_NAME', 'key-name'));
  return [...errors, ...parentDirectory(value)];
}

/** The rule of containers' env since 1.32 (RelaxedEnvironmentVariableValidation). */
export function relaxedEnvVarName(value: string): string[] {
  const errors = value === '' ? ['environment variable name must be non-empty'] : [];
  if (!/^[\x20-\x3c\x3e-\x7e]*$/.test(value)) errors.push("a valid environment variable name must consist only of printable ASCII characters other than '='");
  return errors;
}

export function percent(value: string): string[] {
  return /^[0-9]+%$/.test(value) ? [] : [regexText("a valid percent string must be a numeric string followed by an ending '%'", '[0-9]+%', '1%', '93%')];
}

export function httpHeaderName(value: string): string[] {
  return /^[-A-Za-z0-9]+$/.test(value) ? [] : [regexText("a valid HTTP header must consist of alphanumeric characters or '-'", '[-A-Za-z0-9]+', 'X-Header-Name')];
}
