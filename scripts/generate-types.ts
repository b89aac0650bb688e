/** Writes src/api/types/*.ts from the schema tables: `npm run generate`. A test checks that what is committed is current. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { generateTypes } from '../src/api/schema/typescript.ts';

mkdirSync('src/api/types', { recursive: true });
for (const [file, text] of generateTypes()) writeFileSync(`src/api/types/${file}`, text);
