// What is said where a customer's record is changed: add, edit, confirm, merge, delete, products.

export const recordWords = {
  add: 'Add contact',
  addAction: 'Add',
  edit: 'Edit',
  save: 'Save',
  cancel: 'Cancel',
  moreActions: 'More actions',
  another: (title: string) => `Another ${title}`,
  removeValue: (title: string) => `Remove this ${title}`,
  pinnedHelp: 'What you save here stays: feeds only suggest another value.',
  nothingYet: 'Fill in at least one field.',
  added: (name: string) => `${name} was added`,
  addedAnonymous: 'The contact was added',
  clash: (name: string) => `${name} has it already. Nothing was changed.`,
  clashOpen: (name: string) => `Open ${name}`,
  clashLead: 'Another record has it already:',
  yes: 'Yes',
  no: 'No',
  notSet: 'Not set',
  day: 'A day',

  conflict: 'A colleague has changed this meanwhile. Choose what shall stand.',
  mine: 'Mine',
  theirs: 'Theirs',
  keepMine: 'Keep mine',
  takeTheirs: 'Take theirs',
  takenOver: 'A colleague has saved other fields meanwhile. They are in the form now; save again.',
  empty: '(empty)',
  chooseFirst: 'Choose first what shall stand where a colleague has changed it too.',

  confirm: 'Confirm',
  confirmHelp: 'Say that it is right: then it is used to find and to contact the customer',
  pinned: 'pinned',
  pinnedBy: 'Written by a person. Feeds don’t overwrite it, they only suggest.',
  neverContacted: 'never contacted',
  neverContactedHelp: 'Typed in by hand and never used. Confirm it before it is written to.',
  suggestion: (title: string, value: string) => `${title}: ${value}?`,
  suggestions: 'Suggested values',
  accept: 'Accept',
  dismiss: 'Dismiss',
  inSession: 'Go to session',

  history: 'History',
  historyTitle: 'History of the record',
  historyEmpty: 'Nothing has been changed yet.',
  changed: (title: string) => title,
  cleared: 'cleared',
  by: (who: string, at: string) => `${who}, ${at}`,
  revert: 'Take back',
  more: 'Show earlier',
  merges: 'Merges',
  mergedFrom: (name: string) => `Merged with ${name}`,
  undone: 'undone',
  undo: 'Undo the merge',
  blocked: 'Undo the later merge first.',
  unmerged: 'The merge was undone. Both records stand again.',

  delete: 'Delete',
  deleteTitle: (name: string) => `Delete ${name}?`,
  deleteCounting: 'Counting what is linked…',
  deleteCounts: (sessions: number, communications: number, messages: number) =>
    `${counted(sessions, 'session')} and ${counted(communications, 'communication')} with ${counted(messages, 'message')} are linked to this contact and go with it.`,
  deleteFiles: (files: number) =>
    files === 1 ? '1 file goes too.' : `${files.toLocaleString('en')} files go too.`,
  deletePermanent: 'Deleting is permanent. It can’t be undone.',
  deleteActive: (n: number) =>
    n === 1
      ? 'A session is still going on. Type the customer’s name to delete all the same.'
      : `${n} sessions are still going on. Type the customer’s name to delete all the same.`,
  deleteName: 'The customer’s name',
  deleteNameWrong: 'Type the name exactly as it stands.',
  deleted: (name: string) => `${name} was deleted`,

  duplicates: {
    merge: 'Merge…',
    dismiss: 'Not the same',
    dismissed: 'They are not suggested again.',
    title: 'Merge two records',
    lead: (name: string) => `Both become one. The older record, ${name}, stays.`,
    older: 'Older record (stays)',
    younger: 'Other record',
    addresses: 'All addresses of both are kept',
    sessions: (n: number) => (n === 1 ? '1 session' : `${n} sessions`),
    campaigns: (n: number) => (n === 1 ? '1 campaign' : `${n} campaigns`),
    shared: (names: readonly string[]) =>
      `Both took part in ${names.join(', ')}: the participation that has come further stays.`,
    field: 'Field',
    why: {
      only: 'only value',
      same: 'the same',
      older: 'of the older record',
      confirmed: 'confirmed',
      chosen: 'your choice',
    },
    unverified: 'unverified',
    action: 'Merge',
    refused: {
      'different-external-ids':
        'These records have different External IDs. Such records are never combined.',
      'too-large': 'Together they are too large to be merged at once.',
    },
    merged: (name: string) => `Merged into ${name}.`,
    undo: 'Undo',
    loading: 'Comparing the two records…',
  },

  products: {
    get: 'Get products',
    getting: 'Asking…',
    none: 'No products are linked to this customer through campaigns.',
    fromCampaign: 'Campaign',
    fromSystem: 'From your product system',
    fetched: 'Last fetched',
    tried: 'Last tried',
    never: 'Not fetched yet',
    source: 'Source',
    failed: 'The products could not be loaded.',
  },

  participation: {
    change: 'Change',
    status: 'Status',
    stage: 'Stage',
    noStage: 'No stage',
    done: 'Done',
  },

  find: {
    label: 'Search in chat',
    none: 'No match',
    count: (at: number, of: number, more: boolean) => `${at} of ${of}${more ? '+' : ''}`,
    previous: 'Earlier match',
    next: 'Later match',
    searching: 'Looking in earlier conversations…',
    clear: 'Clear the search',
    failed: 'Earlier conversations could not be loaded.',
  },
} as const

function counted(n: number, what: string): string {
  return n === 1 ? `1 ${what}` : `${n.toLocaleString('en')} ${what}s`
}
