import { expect, it } from 'vitest';
import { cellOf } from './columns.ts';

const NOW = Date.parse('2025-01-01T01:00:00Z');

it.each<[string, unknown, unknown]>([
  ['string', 'a', 'a'], ['string', 3, '3'], ['string', true, 'true'], ['string', { a: 1 }, '{"a":1}'], ['string', ['a'], '["a"]'], ['string', undefined, null], ['string', null, null],
  ['integer', 3, 3], ['integer', 3.7, 3], ['integer', '3', null],
  ['number', 0.5, 0.5], ['number', 'x', null],
  ['boolean', false, false], ['boolean', 'true', null],
  ['date', '2025-01-01T00:00:00Z', '60m'], ['date', 'soon', '<invalid>'], ['date', 5, null],
])('%s of %j', (type, value, cell) => expect(cellOf(type, value, NOW)).toBe(cell));
