import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { onResize, parseSize } from './resize.ts';

test.each([
  ['{"Width":80,"Height":24}', { columns: 80, rows: 24 }],
  ['{"Width":0,"Height":24}', undefined],
  ['{"Width":80}', undefined],
  ['{"Width":70000,"Height":24}', undefined],
  ['{"Width":"80","Height":24}', undefined],
  ['null', undefined],
  ['{', undefined],
])('%s', (text, size) => expect(parseSize(text)).toEqual(size));

test('sizes come in any pieces; noise is passed over', async () => {
  const sizes: [number, number][] = [];
  const input = Readable.from(['{"Width":80,"Hei', 'ght":24}\n{"Width":1', '00,"Height":30}', 'noise}', '{"Width":120,"Height":40}\n'].map((piece) => Buffer.from(piece)));
  onResize(input, (columns, rows) => sizes.push([columns, rows]));
  await finished(input);
  expect(sizes).toEqual([[80, 24], [100, 30], [120, 40]]);
});
