// What the operator is writing, for each session by itself: it survives a look elsewhere, a reload
// and a broken network, until it is sent.

import { atom } from 'nanostores'

import type { SessionId } from '../../shared/ids.ts'
import type { Attachment } from '../../shared/message.ts'
import { sentenceOf, upload } from './api.ts'
import { environment, personal } from './environment.ts'
import { words } from '../words.ts'

export interface Upload {
  readonly key: string
  readonly name: string
  readonly size: number
  readonly state: 'uploading' | 'ready' | 'failed'
  readonly attachment?: Attachment
  readonly sentence?: string
}

export type Writing = 'reply' | 'note'
interface Sheet {
  readonly text: string
  readonly writing: Writing
  readonly uploads: readonly Upload[]
}

const largestFile = 25 * 1024 * 1024
const prefix = 'text:'

export const $text = atom('')
/** Whether what is written goes to the customer or stays with the operators. */
export const $writing = atom<Writing>('reply')
export const $uploads = atom<readonly Upload[]>([])

let owner: SessionId | undefined
let loads = 0
let keys = 0

personal(clearSheet)

/** Lays out what was being written in this session. */
export async function layOut(sessionId: SessionId | undefined): Promise<void> {
  clearSheet()
  owner = sessionId
  loads += 1
  const mine = loads
  if (!sessionId) return
  // Safe: only `keep` writes under this prefix.
  const kept = (await environment().storage.session.get(prefix + sessionId)) as Sheet | undefined
  // Who has begun to write meanwhile has the word.
  if (!kept || mine !== loads || $text.get() !== '') return
  $text.set(kept.text)
  $writing.set(kept.writing)
  $uploads.set([...kept.uploads, ...$uploads.get()])
}

export function writeText(text: string): void {
  $text.set(text)
  keep()
}

export function setWriting(writing: Writing): void {
  $writing.set(writing)
  keep()
}

/** What is written, which is then gone from the sheet. */
export function takeText(): string {
  const text = $text.get().trim()
  $text.set('')
  keep()
  return text
}

/** What is uploaded, which is then gone from the sheet; what failed stays with its sentence. */
export function takeFiles(): readonly Attachment[] {
  const attachments = $uploads.get().flatMap((one) => one.attachment ?? [])
  $uploads.set($uploads.get().filter((one) => one.state === 'failed'))
  keep()
  return attachments
}

/** Puts a text back, before whatever has been written since. */
export function putBack(text: string, writing: Writing, attachments: readonly Attachment[]): void {
  const since = $text.get()
  $text.set(since === '' ? text : `${text}\n${since}`)
  $writing.set(writing)
  const back = attachments.map((attachment): Upload => ({
    key: attachment.id,
    name: attachment.name,
    size: attachment.size ?? 0,
    state: 'ready',
    attachment,
  }))
  $uploads.set([...back, ...$uploads.get()])
  keep()
}

/** Uploads a file to be sent with the next reply. */
export async function attach(file: Blob & { readonly name: string }): Promise<void> {
  const session = owner
  if (!session) return
  keys += 1
  const entry: Upload = { key: `up${keys}`, name: file.name, size: file.size, state: 'uploading' }
  $uploads.set([...$uploads.get(), entry])
  if (file.size > largestFile) {
    change(entry.key, { state: 'failed', sentence: words.uploads.tooLarge })
    return
  }
  const answer = await upload(
    'POST /api/files',
    { query: { name: file.name.slice(-255) || 'file', session } },
    file,
  )
  if (owner !== session) return
  if (answer.ok) change(entry.key, { state: 'ready', attachment: answer.answer })
  else change(entry.key, { state: 'failed', sentence: sentenceOf(answer.refusal) })
}

export function detach(key: string): void {
  $uploads.set($uploads.get().filter((one) => one.key !== key))
  keep()
}

function change(key: string, to: Partial<Upload>): void {
  $uploads.set($uploads.get().map((one) => (one.key === key ? { ...one, ...to } : one)))
  keep()
}

function keep(): void {
  if (!owner) return
  const { session } = environment().storage
  const uploads = $uploads.get().filter((one) => one.state === 'ready')
  const text = $text.get()
  const empty = text === '' && uploads.length === 0
  if (empty) void session.remove(prefix + owner)
  else void session.set(prefix + owner, { text, writing: $writing.get(), uploads } satisfies Sheet)
}

function clearSheet(): void {
  owner = undefined
  loads += 1
  $text.set('')
  $writing.set('reply')
  $uploads.set([])
}
