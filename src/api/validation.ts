import type { FastifySchemaCompiler } from 'fastify';
import { Compile } from 'typebox/compile';
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
    const details: ErrorDetail[] = check
      .Errors(value)
      .slice(0, 20)
      .map((error) => ({ message: sentence(error.message), field: fieldOf(error), code: `request.${error.keyword}` }));
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
