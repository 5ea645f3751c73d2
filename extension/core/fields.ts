// The fields a customer has in this tenant, and how they are set up.

import { atom, computed } from 'nanostores'

import {
  builtInFields,
  isBuiltIn,
  type Field,
  type FieldChange,
  type NewField,
} from '../../shared/fields.ts'
import { call, sentenceOf } from './api.ts'
import { personal } from './environment.ts'
import { failed, idle, loading, ready, type Loadable } from './loadable.ts'

export const $fields = atom<Loadable<readonly Field[]>>(idle)
/** The columns of the table, in order. Before the fields are known: those every tenant begins with. */
export const $columns = computed($fields, ({ value }) =>
  (value ?? firstFields).filter(({ column }) => column),
)

const firstFields: readonly Field[] = Object.entries(builtInFields).map(
  ([name, { title, type, hidden, column }], position) => ({
    name,
    title,
    type,
    options: [],
    builtin: true,
    hidden,
    column,
    position,
  }),
)

let round = 0

personal(() => {
  round += 1
  $fields.set(idle)
})

/** Asks for the fields; what is known stays shown meanwhile. */
export async function loadFields(): Promise<void> {
  round += 1
  const mine = round
  $fields.set(loading($fields.get()))
  const answer = await call('GET /api/fields')
  if (mine !== round) return
  if (answer.ok) $fields.set(ready(inOrder(answer.answer.fields)))
  else $fields.set(failed($fields.get(), sentenceOf(answer.refusal)))
}

/** Once per page is enough for who only wants titles and options. */
export function needFields(): void {
  const { state } = $fields.get()
  if (state === 'idle' || state === 'failed') void loadFields()
}

/** Makes a custom field. Gives back the sentence of a refusal. */
export async function addField(body: NewField): Promise<string | undefined> {
  const answer = await call('POST /api/fields', { body })
  if (!answer.ok) return sentenceOf(answer.refusal)
  take(answer.answer)
  return undefined
}

export async function changeField(name: string, body: FieldChange): Promise<string | undefined> {
  const before = fieldOf(name)
  // Shown at once: a tick that comes back later feels broken.
  if (before) take({ ...before, ...given(body) })
  const answer = await call('PATCH /api/fields/:name', { params: { name }, body })
  if (answer.ok) {
    take(answer.answer)
    return undefined
  }
  if (before) take(before)
  return sentenceOf(answer.refusal)
}

/** Moves a field to a place in the order; the others make room. */
export async function moveField(name: string, to: number): Promise<string | undefined> {
  const all = $fields.get().value ?? []
  const from = all.findIndex((one) => one.name === name)
  const moved = all[from]
  const target = Math.max(0, Math.min(all.length - 1, to))
  if (!moved || target === from) return undefined
  const order = all.toSpliced(from, 1).toSpliced(target, 0, moved)
  $fields.set(ready(order.map((one, position) => ({ ...one, position }))))
  const answer = await call('PATCH /api/fields/:name', {
    params: { name },
    body: { position: target },
  })
  if (answer.ok) return undefined
  void loadFields()
  return sentenceOf(answer.refusal)
}

/** How many values would go with it. */
export async function usageOf(name: string): Promise<number | string> {
  const answer = await call('GET /api/fields/:name/usage', { params: { name } })
  return answer.ok ? answer.answer.values : sentenceOf(answer.refusal)
}

export async function deleteField(name: string): Promise<string | undefined> {
  const answer = await call('DELETE /api/fields/:name', { params: { name } })
  if (!answer.ok) return sentenceOf(answer.refusal)
  $fields.set(ready(($fields.get().value ?? []).filter((one) => one.name !== name)))
  return undefined
}

export function fieldOf(name: string): Field | undefined {
  return $fields.get().value?.find((one) => one.name === name)
}

/** Whether a person may write it in a form. */
export function isEditable({ name }: Field): boolean {
  return !isBuiltIn(name) || builtInFields[name].editable
}

/** Whether a customer may have several of it: an address. */
export function isAddress(name: string): boolean {
  if (!isBuiltIn(name)) return false
  const spec = builtInFields[name]
  return 'identity' in spec && name !== 'external_id'
}

/** What is given of a change; exact types know no undefined. */
function given(change: FieldChange): Partial<Field> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
}

function take(field: Field): void {
  const others = ($fields.get().value ?? []).filter(({ name }) => name !== field.name)
  $fields.set(ready(inOrder([...others, field])))
}

function inOrder(fields: readonly Field[]): readonly Field[] {
  return [...fields].sort((a, b) => a.position - b.position)
}
