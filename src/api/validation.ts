import type { FastifySchemaCompiler } from 'fastify';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { Value } from 'typebox/value';
import type { TSchema } from 'typebox';
import { ArungError, type ErrorDetail } from '../domain/errors.ts';

/**
 * Checks what comes in against its TypeBox schema. Text of the address (`?limit=50`) is converted to what the schema
 * says; a body must be right as it is. The refusal names every field.
 */
export const checkIncoming: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema);
  return (given: unknown) => {
    const filled = Value.Default(schema, given);
    const value = httpPart === 'body' ? filled : Value.Convert(schema, filled);
    if (check.Check(value)) return { value };
    const details = check.Errors(value).slice(0, 20).map(detailOf);
    const [first] = details;
    const where = httpPart === 'body' ? 'body' : 'address';
    const said = first === undefined ? '' : `: ${first.field === '' ? '' : `${first.field} `}${first.message}`;
    return {
      error: new ArungError('invalid', `The ${where} of the request is not what is taken here${said}.`, {
        code: 'request.invalid',
        details,
      }),
    };
  };
};

/** Names what a schema asked for, in the words of JSON Schema; a keyword that people rarely meet is `wrong-value`. */
function detailOf(error: TLocalizedValidationError): ErrorDetail {
  const field = fieldOf(error);
  const message = sentence(error.message);
  switch (error.keyword) {
    case 'required':
    case 'pattern':
      return { message, field, code: `request.${error.keyword}`, arguments: { field } };
    case 'additionalProperties': {
      const names = error.params.additionalProperties.join(', ');
      return { message, field, code: 'request.additionalProperties', arguments: { field, names } };
    }
    case 'enum': {
      const allowed = error.params.allowedValues.map(String).join(', ');
      return { message, field, code: 'request.enum', arguments: { field, allowed } };
    }
    case 'format':
      return { message, field, code: 'request.format', arguments: { field, format: error.params.format } };
    case 'minLength':
    case 'maxLength':
    case 'minimum':
    case 'maximum':
    case 'minItems':
    case 'maxItems': {
      const limit = Number(error.params.limit);
      return { message, field, code: `request.${error.keyword}`, arguments: { field, limit } };
    }
    default:
      return { message, field, code: 'request.wrong-value', arguments: { field } };
  }
}

function fieldOf(error: { readonly instancePath: string; readonly keyword: string; readonly params: object }): string {
  const path = error.instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  const missing = 'requiredProperties' in error.params ? error.params.requiredProperties : undefined;
  if (!Array.isArray(missing)) return path;
  return [path, missing.join(', ')].filter((part) => part !== '').join('.');
}

function sentence(message: string): string {
  return message.replace(/\.$/, '');
}

/** Fastify does not export its own type of it. */
type SerializerCompiler = (route: {
  readonly schema: TSchema;
  readonly method: string;
  readonly url: string;
  readonly httpStatus?: string;
}) => (answer: unknown) => string;

/** For tests: an answer that is not what its schema says is an error, so that the OpenAPI document tells the truth. */
export const checkedOutgoing: SerializerCompiler = ({ schema, method, url, httpStatus }) => {
  const check = Compile(schema);
  return (answer: unknown) => {
    const text = JSON.stringify(answer);
    const value: unknown = JSON.parse(text);
    if (check.Check(value)) return text;
    const [error] = check.Errors(value);
    throw new Error(`${method} ${url} ${httpStatus}: ${error?.instancePath} ${error?.message} (schema of the answer)`);
  };
};

export const plainOutgoing: SerializerCompiler = () => (answer: unknown) => JSON.stringify(answer);
