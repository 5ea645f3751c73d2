// The API's description: nothing of the contract is missing from it.

import { expect, test } from 'vitest'

import { api, type RouteName, type RouteSpec } from '../../shared/api.ts'
import { refusals } from '../../shared/refusal.ts'
import { openapi } from './openapi.ts'

interface Operation {
  operationId: string
  description: string
  'x-permission': string
  security: object[]
  parameters: { name: string; in: string; required: boolean; schema: Record<string, unknown> }[]
  requestBody?: { content: Record<string, { schema: Record<string, unknown> }> }
  responses: Record<string, { content?: Record<string, { schema: Record<string, unknown> }> }>
}

const document = openapi() as {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: { Refusal: { properties: { refusal: { enum: string[] } } } } }
}
const routes = Object.entries(api) as [RouteName, RouteSpec][]

function operationOf(name: string): Operation {
  const [method = '', path = ''] = name.split(' ')
  const found = document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
  if (!found) throw new Error(`${name} is not described`)
  return found
}

test.each(routes)('%s is described whole', (name, spec) => {
  const operation = operationOf(name)
  expect(operation['x-permission']).toBe(spec.access)
  expect(operation.description).toContain(spec.summary)
  expect(operation.security).toEqual(spec.access === 'anyone' ? [] : [{ bearer: [] }])

  const inPath = operation.parameters.filter((parameter) => parameter.in === 'path')
  expect(inPath.map((parameter) => parameter.name)).toEqual(
    [...name.matchAll(/:(\w+)/g)].map(([, param]) => param),
  )
  for (const { required, schema } of inPath) {
    expect(required).toBe(true)
    expect(schema).toMatchObject({ type: 'string', pattern: expect.stringMatching(/^\^\[?[a-z]/) })
  }
  expect(operation.requestBody !== undefined).toBe(Boolean(spec.body ?? spec.raw))
  expect(operation.responses.default?.content?.['application/json']?.schema).toEqual({
    $ref: '#/components/schemas/Refusal',
  })
  const answer = operation.responses[200]?.content?.['application/json']?.schema
  expect(answer?.type === 'object').toBe(typeof spec.gives === 'object')
})

test('nothing is described that is not there', () => {
  const described = Object.values(document.paths).flatMap((path) => Object.keys(path))
  expect(described).toHaveLength(routes.length)
})

test('operation ids are names and no two are the same', () => {
  const ids = routes.map(([name]) => operationOf(name).operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/)
  expect(operationOf('PATCH /api/members/:operatorId').operationId).toBe('patchMembersByOperatorId')
})

test('a body says what is required, and the refusal knows every word', () => {
  const { schema } = operationOf('POST /api/sign-in').requestBody?.content['application/json'] ?? {}
  expect(schema).toMatchObject({ required: ['email', 'password'], additionalProperties: false })
  const limit = operationOf('GET /api/customers').parameters.find(({ name }) => name === 'limit')
  expect(limit).toMatchObject({ in: 'query', required: false, schema: { maximum: 200 } })
  const { refusal } = document.components.schemas.Refusal.properties
  expect(refusal.enum).toEqual(Object.keys(refusals))
})

test('it is plain JSON', () => {
  expect(JSON.parse(JSON.stringify(document))).toEqual(document)
})
