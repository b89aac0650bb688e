import { describe, expect, test } from 'vitest';
import { parseReference } from './image-reference.ts';

describe('references', () => {
  const hex = 'a'.repeat(64);
  test.each([
    ['redis', 'docker.io/library/redis:latest'],
    ['redis:alpine3.10', 'docker.io/library/redis:alpine3.10'],
    ['jesk/realworld:1.0', 'docker.io/jesk/realworld:1.0'],
    ['docker.io/redis', 'docker.io/library/redis:latest'],
    ['index.docker.io/library/redis:7', 'docker.io/library/redis:7'],
    ['localhost/x', 'localhost/x:latest'],
    ['localhost:5000/a/b:c', 'localhost:5000/a/b:c'],
    ['quay.io/org/x:v1', 'quay.io/org/x:v1'],
    [`gcr.io/x@sha256:${hex}`, `gcr.io/x@sha256:${hex}`],
    [`x:1@sha256:${hex}`, `docker.io/library/x@sha256:${hex}`],
    ['[::1]:5000/x', '[::1]:5000/x:latest'],
  ])('%s is %s', (text, full) => expect(parseReference(text).full).toBe(full));
  test.each([
    ['', 'invalid reference format'],
    ['a b', 'invalid reference format'],
    ['x:', 'invalid reference format'],
    ['x:-a', 'invalid reference format'],
    ['Redis', 'invalid reference format: repository name (library/Redis) must be lowercase'],
    ['a//b', 'invalid reference format'],
    ['../x', 'invalid reference format'],
    ['x@sha256:abc', 'invalid reference format'],
    [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
  ])('%j is refused', (text, message) => expect(() => parseReference(text)).toThrow(message));
});
