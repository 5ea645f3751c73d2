// Every sentence an operator reads.

import type { RefusalWord } from '../shared/refusal.ts'

export const words = {
  product: 'Alongside',

  /** The sentences of the worker's refusals. `%s` stands for the refusal's detail. */
  refusals: {
    invalid: 'That is not valid. Check it and try again.',
    'signed-out': 'You are signed out. Sign in to go on.',
    'wrong-password': 'Email or password is not right.',
    'not-permitted': 'Your role does not include the matching permission.',
    'foreign-origin': 'This page may not talk to Alongside.',
    'not-found': 'It is not there, or you may not see it.',
    'session-finished': 'Session is already finished',
    'already-with-operator': 'Session is already handled by an operator',
    'taken-by-another': 'A colleague has taken this session.',
    'not-waiting': 'This session is not waiting for anyone.',
    'already-exists': 'It exists already.',
    'changed-meanwhile': 'It was changed meanwhile. Look again, then try once more.',
    'last-owner': 'The last owner must stay.',
    'not-attached': 'Nothing is attached to that connection.',
    'reply-window-closed': 'The channel’s reply window has closed. The customer has to write first.',
    'too-large': 'That is too large.',
    'text-too-long': 'The text is too long for this channel.',
    'not-supported-here': 'This channel does not support that.',
    'too-many': 'Too many tries. Wait a moment, then try again.',
    unavailable: 'The server did not answer as it should. Try again in a moment.',
  } satisfies Record<RefusalWord, string>,
  takenBy: (name: string) => `${name} has taken this session.`,
  textTooLong: (limit: string) => `The text is too long: this channel takes ${limit} characters.`,
  offline: 'You are offline. Nothing is lost; try again once you are back.',
  unreachable: 'Alongside can’t be reached. Check the network; it is tried again by itself.',

  /** Why a button is off (exact strings of the product). */
  reasons: {
    finished: 'Session is already finished',
    handled: 'Session is already handled by an operator',
    notWaiting: 'This session is not waiting for anyone.',
    withAi: 'The AI agent has this session. Hand it over or take it over first.',
    acceptFirst: 'Accept the session first.',
    mine: 'You have this session.',
    takenBy: (name: string) => `${name} has this session.`,
    loading: 'The session is still loading.',
  },

  toasts: {
    handedOver: 'Session set to operator',
    takenOver: 'Continue communication at Human Agents tab',
  },

  uploads: {
    tooLarge: 'A file may have 25 MB at most.',
    failed: 'The file was not uploaded.',
  },

  /** The centred grey lines (F257-F264). */
  markers: {
    client: 'Client',
    agent: 'AI agent',
    started: (who: string, at: string) => `${who} started the session at ${at}`,
    transferred: (at: string) => `Transfer to human agent at ${at}`,
    assignedBy: (name: string, by: string, at: string) => `${name} was assigned by ${by} at ${at}`,
    assigned: (name: string, at: string) => `Human agent ${name} assigned at ${at}`,
    resolvedBy: (name: string, at: string) => `The session was resolved by ${name} at ${at}`,
    resolved: (at: string) => `The session was resolved at ${at}`,
  },

  times: {
    today: 'Today',
    yesterday: 'Yesterday',
    now: 'now',
    minutes: (n: number) => `${n} min`,
    hours: (n: number) => `${n} h`,
    days: (n: number) => `${n} d`,
    hoursAndMinutes: (hours: number, minutes: string) => `${hours} h ${minutes} min`,
  },

  notices: {
    handover: (name: string) => `${name} asks for a person`,
    accept: 'Open',
  },

  menu: {
    lookUp: 'Look up “%s” in Alongside',
    lookUpLink: 'Look up this link in Alongside',
  },

  lookup: {
    nothing: (text: string) => `Nothing was found for “${text}”.`,
    empty: 'The selection holds nothing to look up.',
  },
} as const
