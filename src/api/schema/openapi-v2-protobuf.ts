import { isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { WireWriter } from './wire.ts';

/**
 * A swagger document as gnostic's protobuf (`application/com.github.proto-openapi.spec.v2@v1.0+protobuf`), which kubectl up to 1.28 needs. Field numbers:
 * gnostic-models openapiv2/OpenAPIv2.proto.
 */
export function openApiV2Protobuf(document: JsonObject): Buffer {
  const writer = new WireWriter();
  const info = object(document['info']);
  writer.string(1, text(document['swagger']));
  writer.message(2, (w) => {
    w.string(1, text(info['title']));
    w.string(2, text(info['version']));
  });
  writer.message(8, (w) => named(w, 2, document['paths'], writePath));
  writer.message(9, (w) => named(w, 1, document['definitions'], writeSchema));
  return writer.finish();
}

const object = (value: unknown): JsonObject => (isObject(value) ? value : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** A repeated message of name (1) and value (2): how gnostic writes maps. */
function named(writer: WireWriter, number: number, map: unknown, write: (writer: WireWriter, value: JsonObject) => void): void {
  for (const [name, value] of Object.entries(object(map))) {
    writer.message(number, (entry) => {
      entry.string(1, name);
      entry.message(2, (w) => write(w, object(value)));
    });
  }
}

function strings(writer: WireWriter, number: number, value: unknown): void {
  for (const item of list(value)) writer.string(number, text(item));
}

function optional(writer: WireWriter, number: number, value: unknown): void {
  if (typeof value === 'string' && value !== '') writer.string(number, value);
  else if (value === true) writer.varint(number, 1);
}

/** gnostic's Any: a value as YAML text, of which JSON is a part. */
function any(writer: WireWriter, number: number, value: unknown): void {
  if (value !== undefined) writer.message(number, (w) => w.string(2, JSON.stringify(value)));
}

function extensions(writer: WireWriter, number: number, of: JsonObject): void {
  for (const [name, value] of Object.entries(of)) {
    if (!name.startsWith('x-')) continue;
    writer.message(number, (entry) => {
      entry.string(1, name);
      any(entry, 2, value);
    });
  }
}

const METHODS = [['get', 2], ['put', 3], ['post', 4], ['delete', 5], ['patch', 8]] as const;

function writePath(writer: WireWriter, path: JsonObject): void {
  for (const [method, number] of METHODS) if (isObject(path[method])) writer.message(number, (w) => writeOperation(w, object(path[method])));
  for (const parameter of list(path['parameters'])) writer.message(9, (w) => writeParameter(w, object(parameter)));
}

function writeOperation(writer: WireWriter, operation: JsonObject): void {
  strings(writer, 1, operation['tags']);
  optional(writer, 5, operation['operationId']);
  strings(writer, 6, operation['produces']);
  strings(writer, 7, operation['consumes']);
  for (const parameter of list(operation['parameters'])) writer.message(8, (w) => writeParameter(w, object(parameter)));
  writer.message(9, (w) => named(w, 1, operation['responses'], (value, response) => value.message(1, (r) => {
    optional(r, 1, response['description']);
    if (isObject(response['schema'])) r.message(2, (item) => item.message(1, (schema) => writeSchema(schema, object(response['schema']))));
  })));
  strings(writer, 10, operation['schemes']);
  extensions(writer, 13, operation);
}

/** ParametersItem → Parameter → body, or → non-body → query or path. */
function writeParameter(writer: WireWriter, parameter: JsonObject): void {
  const query = parameter['in'] === 'query';
  writer.message(1, (item) => {
    if (parameter['in'] === 'body') {
      item.message(1, (body) => {
        optional(body, 1, parameter['description']);
        body.string(2, text(parameter['name']));
        body.string(3, 'body');
        optional(body, 4, parameter['required']);
        body.message(5, (w) => writeSchema(w, object(parameter['schema'])));
      });
      return;
    }
    item.message(2, (nonBody) => nonBody.message(query ? 3 : 4, (w) => {
      optional(w, 1, parameter['required']);
      w.string(2, text(parameter['in']));
      optional(w, 3, parameter['description']);
      w.string(4, text(parameter['name']));
      w.string(query ? 6 : 5, text(parameter['type']));
    }));
  });
}

const NUMBERS = [['multipleOf', 6], ['maximum', 7], ['minimum', 9]] as const;
const COUNTS = [['maxLength', 11], ['minLength', 12], ['maxItems', 14], ['minItems', 15], ['maxProperties', 17], ['minProperties', 18]] as const;

function writeSchema(writer: WireWriter, schema: JsonObject): void {
  optional(writer, 1, schema['$ref']);
  optional(writer, 2, schema['format']);
  optional(writer, 3, schema['title']);
  optional(writer, 4, schema['description']);
  any(writer, 5, schema['default']);
  for (const [name, number] of NUMBERS) if (typeof schema[name] === 'number') writer.double(number, schema[name]);
  optional(writer, 8, schema['exclusiveMaximum']);
  optional(writer, 10, schema['exclusiveMinimum']);
  for (const [name, number] of COUNTS) if (typeof schema[name] === 'number') writer.varint(number, schema[name]);
  optional(writer, 13, schema['pattern']);
  optional(writer, 16, schema['uniqueItems']);
  strings(writer, 19, schema['required']);
  for (const value of list(schema['enum'])) any(writer, 20, value);
  const additional = schema['additionalProperties'];
  if (isObject(additional)) writer.message(21, (w) => w.message(1, (inner) => writeSchema(inner, additional)));
  else if (additional === true) writer.message(21, (w) => w.varint(2, 1));
  if (typeof schema['type'] === 'string') writer.message(22, (w) => w.string(1, text(schema['type'])));
  if (isObject(schema['items'])) writer.message(23, (w) => w.message(1, (inner) => writeSchema(inner, object(schema['items']))));
  if (isObject(schema['properties'])) writer.message(25, (w) => named(w, 1, schema['properties'], writeSchema));
  extensions(writer, 31, schema);
}
