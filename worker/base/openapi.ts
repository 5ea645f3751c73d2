// `/openapi.json`: the API described from the same declarations that mount it.

import * as z from 'zod/mini'
import { toJSONSchema } from 'zod/v4/core'

import { api, type Access, type RouteName, type RouteSpec } from '../../shared/api.ts'
import { refusals } from '../../shared/refusal.ts'

type Json = Record<string, unknown>

/** The OpenAPI 3.1 document of every route in `shared/api.ts`. */
export function openapi(): Json {
  const paths: Record<string, Json> = {}
  for (const [name, spec] of Object.entries(api) as [RouteName, RouteSpec][]) {
    const [method = '', path = ''] = name.split(' ')
    const place = path.replace(/:(\w+)/g, '{$1}')
    paths[place] = { ...paths[place], [method.toLowerCase()]: operation(method, path, spec) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Alongside',
      version: '1',
      description:
        'What the panel and the portal speak. Ids of another tenant answer as ids that are not there. ' +
        'A command carries an id made by the caller, so that a request sent again acts once.',
    },
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token of `POST /api/sign-in`. The portal’s cookie does the same.',
        },
      },
      schemas: { Refusal: refusalSchema },
    },
  }
}

function operation(method: string, path: string, spec: RouteSpec): Json {
  const { access, summary, gives } = spec
  return {
    operationId: operationIdOf(method, path),
    summary,
    description: `${summary}. ${whoMay(access)}`,
    'x-permission': access,
    security: access === 'anyone' ? [] : [{ bearer: [] }],
    parameters: [...parametersOf(spec.params, 'path'), ...parametersOf(spec.query, 'query')],
    ...(spec.body ? { requestBody: { required: true, content: json(spec.body, 'input') } } : {}),
    ...(spec.raw === undefined ? {} : { requestBody: rawBody(spec.raw) }),
    responses: { ...answerOf(gives), ...refusalsOf(spec) },
  }
}

/** `PATCH /api/members/:operatorId` → `patchMembersByOperatorId`. */
function operationIdOf(method: string, path: string): string {
  const words = path
    .replace('/api/', '')
    .split(/[/-]/)
    .map((word) => (word.startsWith(':') ? `By${capital(word.slice(1))}` : capital(word)))
  return method.toLowerCase() + words.join('')
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

function whoMay(access: Access): string {
  if (access === 'anyone') return 'For anyone.'
  if (access === 'signed-in') return 'For whoever is signed in.'
  return `Needs the permission \`${access}\`.`
}

function parametersOf(schema: z.ZodMiniType | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return []
  // Safe: parameters are declared as objects; a route with others is caught by the test beside this.
  const { properties = {}, required = [] } = schemaOf(schema, 'output') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

function rawBody(description: string): Json {
  const schema = { type: 'string', format: 'binary' }
  return { required: true, description, content: { 'application/octet-stream': { schema } } }
}

function answerOf(gives: RouteSpec['gives']): Json {
  if (gives === 'nothing') return { 204: { description: 'Done' } }
  if (gives === 'socket') return { 101: { description: 'A WebSocket' } }
  if (gives === 'file') {
    return {
      200: {
        description: 'The file, under its own type',
        content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
      },
    }
  }
  return { 200: { description: 'Done', content: json(gives, 'output') } }
}

function refusalsOf({ access, params, query, body }: RouteSpec): Json {
  const why: Record<string, string> = { default: 'Refused, with the word for why' }
  if (query ?? body) why[400] = 'Not what this route takes; `at` says where'
  if (access !== 'anyone') why[401] = 'Signed out'
  if (access !== 'anyone' && access !== 'signed-in') why[403] = 'Not permitted'
  if (params) why[404] = 'There is no such thing, or it is another tenant’s'
  return Object.fromEntries(
    Object.entries(why).map(([status, description]) => [
      status,
      {
        description,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
      },
    ]),
  )
}

const refusalSchema = {
  type: 'object',
  required: ['refusal'],
  properties: {
    refusal: { type: 'string', enum: Object.keys(refusals) },
    at: { type: 'string', description: 'Where it happened: a field’s name' },
    detail: { type: 'string', description: 'What to know besides the word' },
  },
}

function json(schema: z.ZodMiniType, io: 'input' | 'output'): Json {
  return { 'application/json': { schema: schemaOf(schema, io) } }
}

function schemaOf(schema: z.ZodMiniType, io: 'input' | 'output'): Json {
  // Checks made by a function have no words in JSON Schema; they stay out.
  const { $schema: _dialect, ...rest } = toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
