// The one place where a predicate becomes SQL. Every value is bound; of the two things made here, the
// condition alone decides who is meant, and the sources only say where to look first.

import { sql, type SQL } from 'drizzle-orm'

import type { IdentityKind } from '../../shared/customer.ts'
import { serviceId } from '../../shared/filters.ts'
import { fold } from '../../shared/fold.ts'
import {
  isLearnt,
  type Check,
  type Holder,
  type Predicate,
  type Test,
} from '../../shared/predicate.ts'

/** A statement takes a hundred parameters. Beyond these the values of a filter share one. */
const mostBound = 60

/** Binds a filter's values. `given` is the rest of them, for the statement to begin with. */
export interface Binds {
  value(value: string | number): SQL
  /** `with given(list) as (…)`, or nothing. To be asked for when all values are bound. */
  given(): SQL
}

export function newBinds(): Binds {
  let bound = 0
  const packed: (string | number)[] = []
  return {
    value(value) {
      bound += 1
      if (bound <= mostBound) return sql`${value}`
      return sql`(select list ->> ${numeral(packed.push(value) - 1)} from given)`
    },
    given: () =>
      packed.length === 0 ? sql`` : sql`with given(list) as (select ${JSON.stringify(packed)})`,
  }
}

const digits = [sql`0`, sql`1`, sql`2`, sql`3`, sql`4`, sql`5`, sql`6`, sql`7`, sql`8`, sql`9`]

/** A place in a list, written out: a bound one would be a parameter again. */
function numeral(place: number): SQL {
  return sql.join(Array.from(String(place), (digit) => digits[Number(digit)] ?? sql``))
}

/** The condition on a row of `customer`. */
export function conditionOf(predicate: Predicate, binds: Binds): SQL {
  if ('all' in predicate) return joined(predicate.all, sql` and `, sql`1`, binds)
  if ('any' in predicate) return joined(predicate.any, sql` or `, sql`0`, binds)
  const holds = holdsOf(predicate, binds)
  // What is not there passes no test: the answer may be null, which is no.
  return predicate.negated ? sql`(${holds}) is not true` : sql`(${holds})`
}

/** In halves of halves: an expression may be a hundred levels deep, and a chain of fifty is fifty. */
function joined(parts: readonly Predicate[], by: SQL, none: SQL, binds: Binds): SQL {
  const [only] = parts
  if (!only) return none
  if (parts.length === 1) return conditionOf(only, binds)
  const half = Math.ceil(parts.length / 2)
  const first = joined(parts.slice(0, half), by, none, binds)
  return sql`(${first}${by}${joined(parts.slice(half), by, none, binds)})`
}

function holdsOf({ holder, test }: Check, binds: Binds): SQL {
  switch (holder.kind) {
    case 'self':
      return onText(sql`customer.id`, test, binds)
    case 'known':
      return sql`customer.anonymous = 0`
    case 'name':
      return onText(sql`customer.name_key`, test, binds)
    case 'anything':
      return onText(sql`customer.search_text`, test, binds)
    case 'created':
      return onNumber(sql`customer.created_at`, test, binds)
    case 'spoken':
      return onNumber(sql`customer.last_communication_at`, test, binds)
    case 'address':
      return onAddress(holder, test, binds)
    case 'value':
      return sql`exists (select 1 from field_value held ${byValue(holder, test)}
        where ${of(sql`held`)} and held.field = ${binds.value(holder.field)}
        and ${onValue(holder, test, binds)})`
    case 'channel':
      return sql`exists (select 1 from session held where ${of(sql`held`)}
        and ${onText(sql`held.channel`, test, binds)})`
    case 'campaign':
      return onCampaign(test, binds)
    case 'status':
      return participates(holder.campaign, onText(sql`held.status`, test, binds), binds)
    case 'stage':
      return participates(holder.campaign, onText(raw(sql`held.stage`, test), test, binds), binds)
  }
}

function of(table: SQL): SQL {
  return sql`${table}.tenant_id = customer.tenant_id and ${table}.customer_id = customer.id`
}

function onText(column: SQL, test: Test, binds: Binds): SQL {
  switch (test.is) {
    case 'among':
      return amongTexts(column, test.texts, binds)
    case 'contains':
      return sql`instr(${column}, ${binds.value(test.text)}) > 0`
    case 'starts':
      return sql`instr(${column}, ${binds.value(test.text)}) = 1`
    case 'there':
      return sql`${column} <> ''`
    case 'within':
      return sql`0`
  }
}

function amongTexts(column: SQL, texts: readonly string[], binds: Binds): SQL {
  const [only] = texts
  if (only === undefined) return sql`0`
  if (texts.length === 1) return sql`${column} = ${binds.value(only)}`
  return sql`${column} in (select value from json_each(${binds.value(JSON.stringify(texts))}))`
}

function onNumber(column: SQL, test: Test, binds: Binds): SQL {
  if (test.is === 'there') return sql`${column} is not null`
  if (test.is !== 'within') return sql`0`
  const { above, from, to, below } = test
  const limits = [
    above === undefined ? [] : [sql`${column} > ${binds.value(above)}`],
    from === undefined ? [] : [sql`${column} >= ${binds.value(from)}`],
    to === undefined ? [] : [sql`${column} <= ${binds.value(to)}`],
    below === undefined ? [] : [sql`${column} < ${binds.value(below)}`],
  ]
  return sql.join(limits.flat(), sql` and `)
}

type ValueHolder = Extract<Holder, { kind: 'value' }>

function onValue({ numeric }: ValueHolder, test: Test, binds: Binds): SQL {
  if (!numeric) return onText(sql`held.key`, test, binds)
  const only = onlyNumber(test)
  if (only !== undefined) return sql`held.num = ${binds.value(only)}`
  // The plus keeps the planner from the index of numbers: of one customer there is one value to look at.
  return onNumber(sql`+held.num`, test, binds)
}

/**
 * Whether one customer has the very value an index can say by itself: in one step, where the
 * planner would go to the customer's value and read it. Among a million that is four times as fast.
 */
function byValue({ numeric }: ValueHolder, test: Test): SQL {
  if (numeric) return onlyNumber(test) === undefined ? sql`` : sql`indexed by field_value_num`
  const isOne = test.is === 'among' && test.texts.length === 1
  return isOne ? sql`indexed by field_value_key` : sql``
}

/** The number a range comes down to, if there is but one in it. */
function onlyNumber(test: Test): number | undefined {
  if (test.is !== 'within' || test.from !== test.to) return undefined
  return test.above === undefined && test.below === undefined ? test.from : undefined
}

/** What is kept as it was given is compared whole as it is, and in parts without capitals. */
function raw(column: SQL, test: Test): SQL {
  return test.is === 'contains' || test.is === 'starts' ? sql`lower(${column})` : column
}

const kindNames: Readonly<Record<IdentityKind, SQL>> = {
  external: sql`'external'`,
  email: sql`'email'`,
  phone: sql`'phone'`,
  'whatsapp-user': sql`'whatsapp-user'`,
  'telegram-username': sql`'telegram-username'`,
  'telegram-id': sql`'telegram-id'`,
  visitor: sql`'visitor'`,
}

function onAddress(holder: Extract<Holder, { kind: 'address' }>, test: Test, binds: Binds): SQL {
  const kind = kindNames[holder.identity]
  const passes = () => onText(raw(sql`held.value`, test), test, binds)
  const proven = sql`exists (select 1 from identity held where ${of(sql`held`)}
    and held.kind = ${kind} and ${passes()})`
  if (!isLearnt(holder)) return proven
  return sql`${proven} or exists (select 1 from field_value held where ${of(sql`held`)}
    and held.field = ${kind} and ${passes()})`
}

function onCampaign(test: Test, binds: Binds): SQL {
  const takesPart = participates(undefined, onText(sql`held.campaign_id`, test, binds), binds)
  const isServed = test.is === 'among' && test.texts.includes(serviceId)
  return isServed
    ? sql`${takesPart} or exists (select 1 from session held where ${of(sql`held`)}
        and held.campaign_id is null)`
    : takesPart
}

function participates(campaign: string | undefined, passes: SQL, binds: Binds): SQL {
  const within =
    campaign === undefined ? sql`` : sql`held.campaign_id = ${binds.value(campaign)} and`
  return sql`exists (select 1 from participant held where ${of(sql`held`)} and ${within} ${passes})`
}

/**
 * Where the customers are that a check may mean: a statement that gives ids from an index, all that
 * pass and perhaps some more. Nothing where no index knows.
 */
export function sourceOf(check: Check, tenantId: string): SQL | undefined {
  const { holder, test, negated } = check
  if (negated) return undefined
  if (test.is === 'contains') {
    const match = trigramsOf(check)
    return match === undefined
      ? undefined
      : sql`select customer.id from customer_search cross join customer
          on customer.ord = customer_search.rowid
          where customer_search match ${match} and customer.tenant_id = ${tenantId}`
  }
  const binds = newBinds()
  const numbers = (column: SQL) => onNumber(column, test, binds)
  const texts = (column: SQL) => reached(column, test, binds)
  switch (holder.kind) {
    case 'created':
    case 'spoken': {
      const column = holder.kind === 'created' ? sql`created_at` : sql`last_communication_at`
      return sql`select id from customer where tenant_id = ${tenantId} and anonymous in (0, 1)
        and ${numbers(column)}`
    }
    case 'self':
    case 'name': {
      const passes = texts(holder.kind === 'self' ? sql`id` : sql`name_key`)
      const known = holder.kind === 'self' ? sql`` : sql`and anonymous in (0, 1)`
      return sql`select id from customer where tenant_id = ${tenantId} ${known} and ${passes}`
    }
    case 'address':
      return addressSource(holder, test, tenantId)
    case 'value':
      return sql`select customer_id as id from field_value where tenant_id = ${tenantId}
        and field = ${holder.field}
        and ${holder.numeric ? numbers(sql`num`) : texts(sql`key`)}`
    case 'channel':
      return sql`select distinct customer_id as id from session where tenant_id = ${tenantId}
        and ${texts(sql`channel`)}`
    case 'campaign': {
      if (test.is === 'among' && test.texts.includes(serviceId)) return undefined
      return sql`select customer_id as id from participant where tenant_id = ${tenantId}
        and ${texts(sql`campaign_id`)}`
    }
    case 'status':
      return sql`select customer_id as id from participant where tenant_id = ${tenantId}
        and ${texts(sql`status`)}`
    case 'stage':
      if (test.is === 'starts') return undefined
      return sql`select customer_id as id from participant where tenant_id = ${tenantId}
        and ${texts(sql`stage`)}`
    case 'anything':
    case 'known':
      return undefined
  }
}

/** A text's test as an index can answer it: a beginning is a range. */
function reached(column: SQL, test: Test, binds: Binds): SQL {
  if (test.is === 'there') return sql`${column} > ''`
  if (test.is !== 'starts') return onText(column, test, binds)
  const end = afterAll(test.text)
  const below = end === undefined ? sql`` : sql`and ${column} < ${binds.value(end)}`
  return sql`${column} >= ${binds.value(test.text)} ${below}`
}

/** The first text after all that begin with this one; nothing when there is none. */
function afterAll(text: string): string | undefined {
  const points = Array.from(text, (char) => char.codePointAt(0) ?? 0)
  while (points.length > 0) {
    const last = points.pop() ?? 0
    if (last === 0x10ffff) continue
    // Halves of a pair are no characters.
    return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
  }
  return undefined
}

/** Ids that are not kept in small letters can't be found by how they begin. */
const asGiven: ReadonlySet<IdentityKind> = new Set(['external', 'visitor', 'whatsapp-user'])

function addressSource(
  holder: Extract<Holder, { kind: 'address' }>,
  test: Test,
  tenantId: string,
): SQL | undefined {
  if (test.is === 'starts' && asGiven.has(holder.identity)) return undefined
  const binds = newBinds()
  const kind = kindNames[holder.identity]
  const proven = sql`select customer_id as id from identity where tenant_id = ${tenantId}
    and kind = ${kind} and ${reached(sql`value`, test, binds)}`
  if (!isLearnt(holder)) return proven
  return sql`${proven} union all select customer_id from field_value where tenant_id = ${tenantId}
    and field = ${kind} and ${reached(sql`key`, folded(test), binds)}`
}

function folded(test: Test): Test {
  if (test.is === 'among') return { is: 'among', texts: test.texts.map(fold) }
  return test.is === 'starts' ? { is: 'starts', text: fold(test.text) } : test
}

/** How many trigrams of a text are looked up, at most: a long text is found by its beginning. */
const mostTrigrams = 24

/**
 * What the search index is asked for a check: it knows every three characters that stand together
 * somewhere in a record. Of addresses only what is plain is folded in the same way as the index is.
 */
export function trigramsOf({ holder, test, negated }: Check): string | undefined {
  if (negated || test.is !== 'contains') return undefined
  const isFolded = holder.kind === 'name' || holder.kind === 'anything' || holder.kind === 'value'
  if (isFolded) return matchOf([test.text])
  return holder.kind === 'address' ? matchOf(test.text.match(/[!-~]+/g) ?? []) : undefined
}

/** What the search index is asked for a text, or nothing when it is too short for it. */
function matchOf(runs: readonly string[]): string | undefined {
  const trigrams = runs.flatMap((run) => {
    const chars = Array.from(run)
    return chars.slice(2).map((_, at) => chars.slice(at, at + 3).join(''))
  })
  const asked = [...new Set(trigrams)].filter((one) => !one.includes('\0')).slice(0, mostTrigrams)
  if (asked.length === 0) return undefined
  return asked.map((one) => `"${one.replaceAll('"', '""')}"`).join(' AND ')
}
