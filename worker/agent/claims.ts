// What a model or a customer claims: values of result fields, contact details. Checked, never believed.

import type { ResultField } from '../../shared/agent.ts'
import type { LearntField, Value } from '../../shared/session.ts'
import type { Prompt } from './model.ts'
import { brief, visible } from './text.ts'

const longestValue = 2000
const learntFields: readonly LearntField[] = ['name', 'email', 'phone']

export interface Learnt {
  readonly field: LearntField
  readonly value: string
}

/** A value as the field wants it, or nothing when it is none. */
export function valueOf(field: ResultField, value: unknown): Value | undefined {
  switch (field.type) {
    case 'text': {
      const text = typeof value === 'number' ? String(value) : value
      if (typeof text !== 'string' || text.length > longestValue) return undefined
      return visible(text).trim() || undefined
    }
    case 'number':
      return numberOf(value)
    case 'date':
      return typeof value === 'string' && isDate(value.trim()) ? value.trim() : undefined
    case 'enum': {
      const said = typeof value === 'string' ? value.trim().toLowerCase() : undefined
      return field.options?.find((option) => option.toLowerCase() === said)
    }
    case 'boolean':
      if (typeof value === 'boolean') return value
      return value === 'true' ? true : value === 'false' ? false : undefined
  }
}

/** Whether a text is a day of the calendar, as YYYY-MM-DD. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  return typeof value === 'string' && /^-?\d{1,15}(\.\d{1,10})?$/.test(value.trim())
    ? Number(value.trim())
    : undefined
}

/** The contact details that are well formed and stand in the customer's own words. */
export function contactsOf(
  given: Readonly<Record<string, unknown>>,
  prompt: Prompt,
  dropped: string[],
): Learnt[] {
  const words = prompt.turns.filter((turn) => turn.by === 'customer').map((turn) => turn.text)
  return Object.entries(given)
    .slice(0, 20)
    .flatMap(([name, value]) => {
      const field = learntFields.find((one) => one === name)
      if (!field) {
        dropped.push(`Contact «${brief(name, 60)}» was dropped: not a name, an email or a phone`)
        return []
      }
      if (value === null || value === '') return []
      const right = typeof value === 'string' ? wellFormed[field](value) : undefined
      if (right === undefined || !words.some((text) => isIn[field](right, text))) {
        dropped.push(`Contact «${field}» was dropped: not in the customer’s own words`)
        return []
      }
      return [{ field, value: right }]
    })
}

const wellFormed: Record<LearntField, (value: string) => string | undefined> = {
  name(value) {
    const name = visible(value).replace(/\s+/g, ' ').trim()
    return /^\p{L}[\p{L}\p{M}'’. -]{0,118}$/u.test(name) ? name : undefined
  },
  email(value) {
    const email = value.trim().toLowerCase()
    const parts = /^[a-z0-9._%+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}$/
    return parts.test(email) && email.length <= 254 && !email.includes('..') ? email : undefined
  },
  phone(value) {
    const phone = value.trim()
    if (!/^(?:\+|00)?[\d\s()./-]{7,30}$/.test(phone)) return undefined
    // Abroad, but for Italy, a zero in brackets is not dialled.
    const isAbroad = /^(?:\+|00)(?!\s*39)/.test(phone)
    const digits = (isAbroad ? phone.replace(/\(\s*0\s*\)/, '') : phone).replace(/\D/g, '')
    if (digits.length < 7 || digits.length > 15) return undefined
    return phone.startsWith('+') ? `+${digits}` : digits
  },
}

const isIn: Record<LearntField, (value: string, text: string) => boolean> = {
  name: (name, text) =>
    new RegExp(`(?<!\\p{L})${escaped(name).replaceAll(' ', '\\s+')}(?!\\p{L})`, 'iu').test(text),
  email: (email, text) => emailsIn(text).includes(email),
  phone: (phone, text) => phonesIn(text).includes(phone),
}

/** The addresses a text holds, in lower case. */
export function emailsIn(text: string): string[] {
  const found =
    visible(text).match(/[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu) ?? []
  return found.flatMap((one) => wellFormed.email(one.replace(/^[.+-]+/, '')) ?? [])
}

/** The numbers a text holds that are long enough to be called, as digits with their plus. */
export function phonesIn(text: string): string[] {
  const found =
    visible(text).match(/(?<![\p{L}\p{N}@.])\+?\(?\d(?:[\s()./-]{0,3}\d){6,14}(?![\p{L}\d@])/gu) ??
    []
  return found.flatMap((one) => wellFormed.phone(one.trim()) ?? [])
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\-]/g, '\\$&')
}
