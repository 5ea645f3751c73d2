// Who is who, against a plain model.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { IdentityKind } from '../../shared/customer.ts'
import { fold } from '../../shared/fold.ts'
import { newId } from '../../shared/new-id.ts'
import {
  choose,
  cleanName,
  namingIdentity,
  normalise,
  searchTextOf,
  visitorName,
  type Address,
  type Candidate,
} from './rules.ts'

const noon = Date.UTC(2027, 1, 3, 12)

function address(kind: IdentityKind, value: string, scope = ''): Address {
  return { kind, value, scope, proof: 'channel' }
}

function recordOf(createdAt: number, ...identities: Address[]): Candidate {
  return { id: newId('cus'), createdAt, identities }
}

const phone = address('phone', '+13125550142')
const email = address('email', 'dana@northpeak.example')

describe('normalise', () => {
  it.each([
    ['phone', '(312) 555-0142', '+13125550142'],
    ['phone', '+1 312 555 0142', '+13125550142'],
    ['phone', '011 49 171 5550142', '+491715550142'],
    ['phone', '+49 (0)171 5550142', '+491715550142'],
    ['phone', '+39 (0)6 69821234', '+390669821234'],
    ['phone', '+52 1 55 1234 5678', '+525512345678'],
    ['phone', '+5215512345678', '+525512345678'],
    ['phone', '555-0142', undefined],
    ['phone', 'call me', undefined],
    ['email', '  Dana@NorthPeak.Example ', 'dana@northpeak.example'],
    ['email', 'dana@northpeak', undefined],
    ['email', 'dana@@northpeak.example', undefined],
    ['email', 'Dana <dana@northpeak.example>', undefined],
    ['telegram-username', '@Dana_W', 'dana_w'],
    ['telegram-username', 'not a username', undefined],
    ['external', ' NP-20418 ', 'NP-20418'],
    ['external', '   ', undefined],
    ['visitor', 'V8f2c', 'V8f2c'],
  ] as const)('reads %s %j as %j', async (kind, raw, value) => {
    expect(await normalise(kind, raw, 'US')).toBe(value)
  })

  it('reads a number without its country in the country of the tenant, or not at all', async () => {
    expect(await normalise('phone', '0171 5550142', 'DE')).toBe('+491715550142')
    expect(await normalise('phone', '0171 5550142')).toBeUndefined()
  })

  // oxlint-disable-next-line vitest/expect-expect -- the expectation is in the property
  it('changes nothing the second time', async () => {
    const anything = fc.oneof(
      fc.string(),
      fc.emailAddress(),
      fc.stringMatching(/^\+?[\d ()-]{0,18}$/),
    )
    const kind = fc.constantFrom<IdentityKind>('external', 'email', 'phone', 'telegram-username')
    await fc.assert(
      fc.asyncProperty(kind, anything, async (kind, raw) => {
        const value = await normalise(kind, raw, 'US')
        const again = value === undefined ? undefined : await normalise(kind, value, 'DE')
        expect(again).toBe(value)
      }),
    )
  })
})

describe('choose', () => {
  it('finds nobody who shares nothing', () => {
    expect(choose([recordOf(noon, email)], [phone])).toBeUndefined()
  })

  it('takes the oldest of several', () => {
    const older = recordOf(noon, email)
    const newer = recordOf(noon + 1, phone)

    expect(choose([newer, older], [phone, email])).toBe(older.id)
  })

  it('never crosses an External ID', () => {
    const other = recordOf(noon, email, address('external', 'A1'))

    expect(choose([other], [email, address('external', 'B2')])).toBeUndefined()
    expect(choose([other], [email])).toBe(other.id)
  })

  it('lets a record without an External ID take one over, unless another has it', () => {
    const without = recordOf(noon, email)
    const having = recordOf(noon + 1, address('external', 'A1'))
    const sender = [email, address('external', 'A1')]

    expect(choose([without], sender)).toBe(without.id)
    expect(choose([without, having], sender)).toBe(having.id)
  })

  it('does not follow a username to another person', () => {
    const dana = recordOf(noon, address('telegram-id', '7'), address('telegram-username', 'dana'))
    const bob = [address('telegram-id', '8'), address('telegram-username', 'dana')]

    expect(choose([dana], bob)).toBeUndefined()
    expect(choose([dana], [address('telegram-username', 'dana')])).toBe(dana.id)
  })

  it('keeps the visitors of two connections apart', () => {
    const visitor = recordOf(noon, address('visitor', 'v1', 'con_one'))

    expect(choose([visitor], [address('visitor', 'v1', 'con_two')])).toBeUndefined()
  })

  it('agrees with the plain model, in whatever order the records come', () => {
    const value = fc.constantFrom('1', '2', '3')
    const kinds = ['external', 'email', 'phone', 'telegram-id', 'telegram-username'] as const
    const identity = fc
      .tuple(fc.constantFrom(...kinds), value)
      .map(([kind, one]) => address(kind, one))
    const onePerKind = fc.uniqueArray(identity, { selector: ({ kind }) => kind, maxLength: 4 })
    const records = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 3 }), onePerKind), { maxLength: 6 })
      .map((all) => all.map(([age, identities]) => recordOf(noon + age, ...identities)))

    fc.assert(
      fc.property(records, onePerKind, (candidates, sender) => {
        const chosen = choose(candidates, sender)
        expect(choose(candidates.toReversed(), sender)).toBe(chosen)
        expect(chosen).toBe(modelOf(candidates, sender))
      }),
      { numRuns: 1000 },
    )
  })
})

function key({ kind, value }: Pick<Address, 'kind' | 'value'>): string {
  return `${kind}:${value}`
}

/** The rulings word for word, over sets of `kind:value`, without regard to speed or form. */
function modelOf(candidates: readonly Candidate[], sender: readonly Address[]): string | undefined {
  const wanted = new Map(sender.map((one) => [one.kind, key(one)]))
  let best: Candidate | undefined
  for (const one of candidates) {
    const held = new Map(one.identities.map((identity) => [identity.kind, key(identity)]))
    const clash = (kind: IdentityKind) =>
      wanted.has(kind) && held.has(kind) && wanted.get(kind) !== held.get(kind)
    const shared = [...wanted].filter(([kind, value]) => held.get(kind) === value)
    const enough = clash('telegram-id')
      ? shared.filter(([kind]) => kind !== 'telegram-username')
      : shared
    if (clash('external') || enough.length === 0) continue
    const named = (record: Candidate | undefined) =>
      Number(
        wanted.has('external') &&
          record?.identities.some((identity) => key(identity) === wanted.get('external')),
      )
    const isBetter =
      !best ||
      named(one) > named(best) ||
      (named(one) === named(best) &&
        (one.createdAt < best.createdAt || (one.createdAt === best.createdAt && one.id < best.id)))
    if (isBetter) best = one
  }
  return best?.id
}

describe('the first record', () => {
  it('is named by the same identity, in whatever order they come', () => {
    const both = [address('telegram-username', 'dana'), address('telegram-id', '7')]

    expect(namingIdentity(both)).toEqual(both[1])
    expect(namingIdentity(both.toReversed())).toEqual(both[1])
    expect(namingIdentity([])).toBeUndefined()
  })

  it('of a visitor is called after the end of their address', () => {
    expect(visitorName('vis_1b9e-4a0d-8f2c')).toBe('Visitor 8f2c')
  })

  it('keeps names to one line without hidden characters', () => {
    expect(cleanName(' Dana\n\u202eWhitfield\u200b ')).toBe('Dana Whitfield')
    expect(cleanName('x'.repeat(500))).toHaveLength(120)
  })
})

describe('the search text', () => {
  it.each([
    ['Damir Begić', 'damir begic'],
    ['ŁUKASZ  Ødegård', 'lukasz odegard'],
    ['Straße', 'strasse'],
    ['ＤＡＮＡ', 'dana'],
  ])('folds %s to %s', (text, folded) => {
    expect(fold(text)).toBe(folded)
  })

  it('has the digits of a phone and the @ of a username', () => {
    const text = searchTextOf('Dana', [phone, address('telegram-username', 'Dana_W')])

    expect(text.split('\n')).toEqual(['dana', '13125550142', '@dana_w'])
  })
})
