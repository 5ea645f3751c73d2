// Where to look first: a filter that few records can pass is answered from those few; any other by
// walking the list in its order, which finds a page soon because many pass.

import type { Holder, Predicate } from '../../../shared/predicate.ts'
import type { Db } from '../../base/db.ts'
import { eitherOf, probe, type Source } from './queries.ts'

/** Up to so many records are looked at one by one. */
export const fewEnough = 2000

export interface Plan {
  readonly predicate: Predicate
  /** The only records that can pass, where they are few. */
  readonly candidates: readonly string[] | undefined
  /** Where all that can pass are found, though they are many: any of these. For counting them. */
  readonly wide: readonly Source[]
}

/** Asks the indexes how many records each condition leaves, up to the number that is few enough. */
export async function planFor(db: Db, predicate: Predicate, most = fewEnough): Promise<Plan> {
  const sources = await probe(db, predicate, most + 1)
  const few = fewOf(predicate, sources, most)
  return {
    predicate,
    candidates: few && [...few],
    wide: few ? [] : wideOf(predicate, sources),
  }
}

type Sources = ReadonlyMap<Predicate, Source>

function fewOf(
  predicate: Predicate,
  sources: Sources,
  most: number,
): ReadonlySet<string> | undefined {
  if ('all' in predicate) {
    const known = predicate.all.flatMap((one) => fewOf(one, sources, most) ?? [])
    if (known.length === 0) return undefined
    return known.reduce((some, others) => new Set([...some].filter((id) => others.has(id))))
  }
  if ('any' in predicate) {
    const known = predicate.any.map((one) => fewOf(one, sources, most))
    const together = new Set<string>()
    for (const one of known) {
      if (!one) return undefined
      for (const id of one) together.add(id)
    }
    return together.size > most ? undefined : together
  }
  const found = sources.get(predicate)
  return found && found.ids.length <= most ? new Set(found.ids) : undefined
}

/** Statements that can be put together: more would be slower than looking at everybody. */
const mostTogether = 4

function wideOf(predicate: Predicate, sources: Sources): readonly Source[] {
  if ('all' in predicate) return predicate.all.flatMap((one) => wideOf(one, sources))
  if ('any' in predicate) {
    const all = predicate.any.flatMap((one) => wideOf(one, sources).slice(0, 1))
    if (all.length < predicate.any.length || all.length > mostTogether) return []
    const statement = eitherOf(all.map((one) => one.statement))
    return statement ? [{ statement, ids: [], match: undefined }] : []
  }
  const source = sources.get(predicate)
  // What stands on the record itself is read where the record is.
  return source && !onRecord.has(predicate.holder.kind) ? [source] : []
}

const onRecord: ReadonlySet<Holder['kind']> = new Set(['self', 'created', 'spoken'])
