// The ids of the domain as contracts.

import * as z from 'zod/mini'

import type { IdBrand, IdPrefix } from './new-id.ts'

function idOf<Prefix extends IdPrefix>(prefix: Prefix) {
  const pattern = new RegExp(`^${prefix}_[0-9a-z]{26}$`)
  // Safe: the pattern has just been checked, and the brand has no value of its own.
  return z.string().check(z.regex(pattern)) as unknown as z.ZodMiniType<
    string & IdBrand<Prefix>,
    string
  >
}

export const TenantId = idOf('ten')
export type TenantId = z.infer<typeof TenantId>
export const OperatorId = idOf('opr')
export type OperatorId = z.infer<typeof OperatorId>
export const ConnectionId = idOf('con')
export type ConnectionId = z.infer<typeof ConnectionId>
export const AgentId = idOf('agt')
export type AgentId = z.infer<typeof AgentId>
export const CustomerId = idOf('cus')
export type CustomerId = z.infer<typeof CustomerId>
export const SessionId = idOf('ses')
export type SessionId = z.infer<typeof SessionId>
export const MessageId = idOf('msg')
export type MessageId = z.infer<typeof MessageId>
export const NoteId = idOf('nte')
export type NoteId = z.infer<typeof NoteId>
export const DraftId = idOf('dft')
export type DraftId = z.infer<typeof DraftId>
export const FileId = idOf('fil')
export type FileId = z.infer<typeof FileId>
export const ChangeId = idOf('chg')
export type ChangeId = z.infer<typeof ChangeId>
export const CommandId = idOf('cmd')
export type CommandId = z.infer<typeof CommandId>
export const FilterId = idOf('flt')
export type FilterId = z.infer<typeof FilterId>
