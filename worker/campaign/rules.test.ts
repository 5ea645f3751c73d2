// Whose record each line of a file is, against a plain model that goes line by line.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { IdentityKind } from '../../shared/customer.ts'
import type { CustomerId } from '../../shared/ids.ts'
import type { Address } from '../customer/rules.ts'
import type { Contact } from './contact.ts'
import { combinable, planChunk, type Match } from './rules.ts'

const runs = Number(process.env['DEEP_RUNS'] ?? 0) || 300

function idOf(name: string): CustomerId {
  return `cus_${name.padEnd(26, '0')}` as CustomerId
}

function address(kind: IdentityKind, value: string): Address {
  return { kind, value, scope: '', proof: 'upload' }
}

function contact(line: number, identities: readonly Address[]): Contact {
  return { line, identities, name: '', values: [], data: {}, notes: [] }
}

const people = fc.record({
  email: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
  phone: fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined }),
  external: fc.option(fc.constantFrom('A1', 'B2'), { nil: undefined, freq: 3 }),
})

function addressesOf(one: {
  email?: string | undefined
  phone?: string | undefined
  external?: string | undefined
}): Address[] {
  return (['email', 'phone', 'external'] as const).flatMap((kind) => {
    const value = one[kind]
    return value === undefined ? [] : [address(kind, value)]
  })
}

/** A record of the model: what it is known by, and when it was made. */
interface Known {
  readonly id: CustomerId
  readonly createdAt: number
  identities: Address[]
}

function hasSame(
  a: readonly Pick<Address, 'kind' | 'value'>[],
  b: readonly Pick<Address, 'kind' | 'value'>[],
): boolean {
  return a.some((one) => b.some((other) => one.kind === other.kind && one.value === other.value))
}

/** One line after the other, each on the whole world: what chunks must come to, however they are cut. */
function plainly(world: Known[], lines: readonly Contact[]): Known[] {
  let all = world.map((one) => ({ ...one }))
  let at = 1_000
  for (const { identities, line } of lines) {
    const matched = all.filter((one) => hasSame(one.identities, identities))
    const { mine } = combinable(identities, matched)
    const [oldest, ...others] = mine
    const target: Known = oldest
      ? all.find(({ id }) => id === oldest.id)!
      : { id: idOf(`n${line}`), createdAt: (at += 1), identities: [] }
    if (!oldest) all.push(target)
    for (const other of others) target.identities.push(...other.identities)
    target.identities.push(...identities)
    all = all.filter((one) => one === target || !others.some(({ id }) => id === one.id))
  }
  return all
}

/** The same by chunks, as a job does: each plan carried out before the next is made. */
function byChunks(world: Known[], lines: readonly Contact[]): { all: Known[]; chunks: number } {
  let all = world.map((one) => ({ ...one }))
  let [at, left, chunks] = [1_000, lines, 0]
  while (left.length > 0) {
    const matches: Match[] = all.filter((one) =>
      left.some(({ identities }) => hasSame(one.identities, identities)),
    )
    const plan = planChunk(left, matches, ({ line }) => idOf(`n${line}`))
    expect(plan.taken).toBeGreaterThan(0)
    for (const { survivor, merged } of plan.merges) {
      const into = all.find(({ id }) => id === survivor)!
      into.identities = [...into.identities, ...all.find(({ id }) => id === merged)!.identities]
      all = all.filter(({ id }) => id !== merged)
    }
    for (const { customerId, contact: one } of plan.rows) {
      let target = all.find(({ id }) => id === customerId)
      if (!target) {
        expect(plan.made).toContain(customerId)
        target = { id: customerId!, createdAt: (at += 1), identities: [] }
        all.push(target)
      }
      target.identities = [...target.identities, ...(one?.identities ?? [])]
    }
    left = left.slice(plan.taken)
    chunks += 1
  }
  return { all, chunks }
}

function shown(all: readonly Known[]) {
  return all
    .map(({ id, identities }) => [
      id,
      [...new Set(identities.map(({ kind, value }) => `${kind} ${value}`))].sort(),
    ])
    .sort()
}

describe('a plan', () => {
  const world = fc.array(people, { maxLength: 5 }).map((list) => {
    const seen = new Set<string>()
    return list.flatMap((one, n): Known[] => {
      const identities = addressesOf(one)
      // Two records of one External ID there are not.
      if (identities.length === 0 || (one.external && seen.has(one.external))) return []
      if (one.external) seen.add(one.external)
      return [{ id: idOf(`w${n}`), createdAt: n, identities }]
    })
  })
  const file = fc.array(people, { maxLength: 10 }).map((list) =>
    list.flatMap((one, n) => {
      const identities = addressesOf(one)
      return identities.length > 0 ? [contact(n + 2, identities)] : []
    }),
  )

  it('comes to what going line by line comes to, however many chunks it takes', () => {
    fc.assert(
      fc.property(world, file, (known, lines) => {
        expect(shown(byChunks(known, lines).all)).toEqual(shown(plainly(known, lines)))
      }),
      { numRuns: runs },
    )
  }, 300_000)

  it('never combines different External IDs', () => {
    fc.assert(
      fc.property(world, file, (known, lines) => {
        for (const { identities } of byChunks(known, lines).all) {
          const ids = identities.filter(({ kind }) => kind === 'external').map(({ value }) => value)
          expect(new Set(ids).size).toBeLessThan(2)
        }
      }),
      { numRuns: runs },
    )
  }, 300_000)
})

describe('what may be combined', () => {
  const known = (id: string, createdAt: number, external?: string): Match => ({
    id: idOf(id),
    createdAt,
    identities: [address('email', 'x'), ...(external ? [address('external', external)] : [])],
  })
  const mine = (line: readonly Address[], ...records: Match[]) =>
    combinable(line, records).mine.map(({ id }) => id)

  it('is every record that has no other External ID than the line', () => {
    const line = [address('email', 'x'), address('external', 'A1')]

    expect(mine(line, known('b', 2, 'B2'), known('c', 3), known('a', 1, 'A1'))).toEqual([
      idOf('a'),
      idOf('c'),
    ])
  })

  it('without one on the line, is what has the oldest record’s', () => {
    const line = [address('email', 'x')]

    expect(mine(line, known('b', 2, 'B2'), known('c', 3), known('a', 1, 'A1'))).toEqual([
      idOf('a'),
      idOf('c'),
    ])
  })

  it('without one on line and oldest, is what has none when there are several, and all when there is one', () => {
    const line = [address('email', 'x')]

    expect(mine(line, known('a', 1), known('b', 2, 'B2'), known('c', 3, 'C3'))).toEqual([idOf('a')])
    expect(mine(line, known('a', 1), known('b', 2, 'B2'))).toEqual([idOf('a'), idOf('b')])
  })
})

describe('a line', () => {
  it('that brings together what another line has just changed begins the next chunk', () => {
    const world: Match[] = [
      { id: idOf('a'), createdAt: 1, identities: [address('email', 'x')] },
      { id: idOf('b'), createdAt: 2, identities: [address('phone', '1')] },
    ]
    const lines = [
      contact(2, [address('phone', '1')]),
      contact(3, [address('email', 'x'), address('phone', '1')]),
    ]

    const plan = planChunk(lines, world, () => idOf('n'))

    expect(plan).toMatchObject({ taken: 1, merges: [] })
  })

  it('whose identifiers too many share is left out, and says so', () => {
    const world = Array.from({ length: 21 }, (_, n): Match => ({
      id: idOf(`w${String.fromCharCode(97 + n)}`),
      createdAt: n,
      identities: [address('email', 'info@acme.example')],
    }))

    const { rows } = planChunk([contact(2, [address('email', 'info@acme.example')])], world, () =>
      idOf('n'),
    )

    expect(rows).toMatchObject([{ outcome: 'skipped', customerId: null }])
  })
})
