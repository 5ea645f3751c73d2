// The words the demo's stories are told in: what a customer does, and what an operator does.

import type { OperatorKey, PlaceName } from './company.ts'

export type Step =
  /** The customer writes, sends or taps. */
  | { readonly does: 'says'; readonly text: string }
  | { readonly does: 'taps'; readonly title: string }
  | { readonly does: 'picture'; readonly text: string }
  | { readonly does: 'place'; readonly name: string; readonly at: readonly [number, number] }
  | { readonly does: 'card'; readonly name: string; readonly phone: string }
  | { readonly does: 'reacts'; readonly emoji: string }
  /** The customer has an answer to what they did last. */
  | { readonly does: 'hears' }
  /** The provider refuses the next message to the customer. */
  | { readonly does: 'unreachable' }
  /** An operator acts on the open session. */
  | { readonly does: 'accepts' | 'takes'; readonly who: OperatorKey }
  | {
      readonly does: 'replies'
      readonly who: OperatorKey
      readonly text: string
      readonly choices?: readonly string[]
    }
  | { readonly does: 'notes'; readonly who: OperatorKey; readonly text: string }
  | { readonly does: 'assigns'; readonly who: OperatorKey; readonly to: OperatorKey }
  | { readonly does: 'resolves'; readonly who: OperatorKey }

export const says = (text: string): Step => ({ does: 'says', text })
export const taps = (title: string): Step => ({ does: 'taps', title })
export const picture = (text: string): Step => ({ does: 'picture', text })
export const place = (name: string, at: readonly [number, number]): Step => ({
  does: 'place',
  name,
  at,
})
export const card = (name: string, phone: string): Step => ({ does: 'card', name, phone })
export const reacts = (emoji: string): Step => ({ does: 'reacts', emoji })
export const hears: Step = { does: 'hears' }
export const unreachable: Step = { does: 'unreachable' }
export const accepts = (who: OperatorKey): Step => ({ does: 'accepts', who })
export const takes = (who: OperatorKey): Step => ({ does: 'takes', who })
export const replies = (who: OperatorKey, text: string, choices?: readonly string[]): Step => ({
  does: 'replies',
  who,
  text,
  ...(choices ? { choices } : {}),
})
export const notes = (who: OperatorKey, text: string): Step => ({ does: 'notes', who, text })
export const assigns = (who: OperatorKey, to: OperatorKey): Step => ({ does: 'assigns', who, to })
export const resolves = (who: OperatorKey): Step => ({ does: 'resolves', who })

/** A question the agent answers; an operator tidies it away afterwards. */
export const asked = (question: string, thanks = 'Thanks!'): Step[] => [
  says(question),
  hears,
  says(thanks),
  hears,
  resolves('mei'),
]

/** One customer and their conversations, in order. */
export interface Story {
  readonly name: string
  readonly on: PlaceName
  /** The phone number's digits, or the username. Nothing for a website's visitor. */
  readonly address: string
  /** What the website knows of the visitor. */
  readonly parameters?: Readonly<Record<string, string>>
  readonly sessions: readonly (readonly Step[])[]
}
