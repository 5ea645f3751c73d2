// One line of a file as a contact: its identities and values written our way, and what was left out.

import { ParticipantStatus } from '../../shared/campaign.ts'
import { identityTitles } from '../../shared/customer.ts'
import { fold } from '../../shared/fold.ts'
import { cleanName, isSame, normalise, type Address } from '../customer/rules.ts'
import { parseValue, whatIsWanted, type Kept } from '../customer/values/rules.ts'
import type { CsvRecord } from './csv.ts'
import type { Plan } from './mapping.ts'

/** What lines are read by, besides the columns. */
export interface Reading {
  readonly plan: Plan
  readonly defaultCountry: string
  readonly timeZone: string
  /** The campaign's; empty: any may be named. */
  readonly stages: readonly string[]
}

export interface ContactProduct {
  readonly key: string
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

/** A line as a contact. */
export interface Contact {
  readonly line: number
  readonly identities: readonly Address[]
  /** Empty: the file says none. */
  readonly name: string
  readonly values: readonly (Kept & { readonly field: string })[]
  readonly data: Readonly<Record<string, string>>
  readonly product?: ContactProduct
  readonly status?: ParticipantStatus
  readonly stage?: string
  /** What of the line was left out, and why. */
  readonly notes: readonly string[]
}

/** A line nothing can be made of, and why. */
export interface Skipped {
  readonly line: number
  readonly skipped: string
}

const longestCell = 2_000

/** Reads a line. Never throws: what is not right is left out and told. */
export async function contactOf(
  { cells, line }: Pick<CsvRecord, 'cells' | 'line'>,
  reading: Reading,
): Promise<Contact | Skipped> {
  const { plan } = reading
  const notes: string[] = []
  const cell = (column: number) => (cells[column] ?? '').trim()
  const identities: Address[] = []
  for (const { column, kind } of plan.identities) {
    const raw = cell(column)
    if (raw === '') continue
    const value = await normalise(kind, raw, reading.defaultCountry)
    const address = value && { kind, value, scope: '', proof: 'upload' as const }
    if (!address) notes.push(`${identityTitles[kind]} «${short(raw)}» is not valid`)
    else if (!identities.some((one) => isSame(one, address))) identities.push(address)
  }
  if (identities.length === 0) {
    const why = notes.length > 0 ? notes.join('; ') : 'No External ID, email, phone or Telegram'
    return { line, skipped: why }
  }
  const ids = identities.filter(({ kind }) => kind === 'external')
  if (ids.length > 1) return { line, skipped: 'More than one External ID' }

  const values = plan.values.flatMap(({ column, field }) => {
    const raw = cell(column)
    if (raw === '') return []
    const kept = parseValue(field, raw, reading.timeZone)
    if (!kept) notes.push(`${field.title} «${short(raw)}» left out: ${whatIsWanted(field)}`)
    return kept ? [{ field: field.name, ...kept }] : []
  })
  const product = productOf(plan, cell)
  const status = plan.status === undefined ? undefined : statusOf(cell(plan.status), notes)
  const stage = plan.stage === undefined ? undefined : stageOf(cell(plan.stage), reading, notes)
  return {
    line,
    identities,
    name: cleanName(plan.name.map(cell).join(' ')),
    values,
    data: textsOf(plan.data, cell),
    ...(product ? { product } : {}),
    ...(status ? { status } : {}),
    ...(stage ? { stage } : {}),
    notes,
  }
}

type Cell = (column: number) => string

function productOf(plan: Plan, cell: Cell): ContactProduct | undefined {
  const name = plan.product === undefined ? '' : cell(plan.product).slice(0, 200)
  if (name === '') return undefined
  return { key: fold(name), name, attributes: textsOf(plan.attributes, cell) }
}

function textsOf(columns: Plan['data'], cell: Cell): Record<string, string> {
  const texts = columns.flatMap(({ column, key }) => {
    const text = cell(column).slice(0, longestCell)
    return text === '' ? [] : [[key, text] as const]
  })
  return Object.fromEntries(texts)
}

function statusOf(raw: string, notes: string[]): ParticipantStatus | undefined {
  const status = ParticipantStatus.options.find((one) => one === fold(raw))
  if (raw !== '' && !status) notes.push(`Status «${short(raw)}» is none of ours`)
  return status
}

function stageOf(raw: string, { stages }: Reading, notes: string[]): string | undefined {
  if (raw === '') return undefined
  const stage =
    stages.length === 0 ? raw.slice(0, 60) : stages.find((one) => fold(one) === fold(raw))
  if (stage === undefined) notes.push(`Stage «${short(raw)}» is none of the campaign’s`)
  return stage
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
