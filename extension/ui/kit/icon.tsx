// Icons in one stroke style, drawn on a 24 unit field.

const paths = {
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM20 20l-4-4',
  back: 'm15 6-6 6 6 6',
  right: 'm9 6 6 6-6 6',
  down: 'm6 9 6 6 6-6',
  up: 'm6 15 6-6 6 6',
  open: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  copy: 'M11 9h7a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2ZM5 15V6a1 1 0 0 1 1-1h9',
  check: 'm5 12 5 5 9-10',
  checks: 'm2 13 4.5 4.5L15 8M12 16l1.5 1.5L22 8',
  dots: 'M12 5.5h.01M12 12h.01M12 18.5h.01',
  send: 'M5 12h14m-6-6 6 6-6 6',
  plus: 'M12 5v14M5 12h14',
  close: 'm6 6 12 12M18 6 6 18',
  people:
    'M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM2.5 20c.4-3.6 2.8-5.5 6.5-5.5s6.1 1.9 6.5 5.5M16 5.3a3.5 3.5 0 0 1 0 6.4M18 14.9c2 .7 3.2 2.4 3.5 5.1',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20c.5-3.7 3.3-5.7 7.5-5.7s7 2 7.5 5.7',
  chat: 'M5 5h14a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9l-5 4V6a1 1 0 0 1 1-1Z',
  headphones:
    'M4 15v-2a8 8 0 0 1 16 0v2M4 15a1 1 0 0 1 1-1h1.5a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1H6a2 2 0 0 1-2-2ZM20 15a1 1 0 0 0-1-1h-1.5a1 1 0 0 0-1 1v4a1 1 0 0 0 1 1h.5a2 2 0 0 0 2-2Z',
  inbox: 'M4 13 6.5 5h11L20 13v6H4ZM4 13h5l1 3h4l1-3h5',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM12 8v4l3 2',
  settings:
    'M4 8h8M16 8h4M14 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM4 16h4M12 16h8M10 18a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  file: 'M6 3h8l5 5v13H6ZM14 3v5h5',
  image: 'M4 5h16v14H4ZM4 16l5-5 4 4 3-3 4 4M15.5 9h.01',
  audio:
    'M9 18V6l10-2v12M6.5 15.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5ZM16.5 13.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z',
  video: 'M3 6h12v12H3ZM15 10l6-3v10l-6-3',
  download: 'M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 20h14',
  attach:
    'm19 11-7.5 7.5a4.5 4.5 0 0 1-6.4-6.4l8-8a3 3 0 0 1 4.3 4.3l-8 8a1.5 1.5 0 0 1-2.2-2.2L14.5 7',
  place:
    'M12 21s7-6.3 7-11.5A7 7 0 0 0 5 9.5C5 14.7 12 21 12 21ZM12 7a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z',
  lock: 'M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  warning: 'M12 4 2.8 20h18.4ZM12 10v4.5M12 17.3h.01',
  offline:
    'M3 3l18 18M5 12.5a10 10 0 0 1 4-2.4M19 12.5a10 10 0 0 0-5-2.7M8.5 16a5 5 0 0 1 6 0M2 9a15 15 0 0 1 4-2.5M22 9a15 15 0 0 0-10.5-3.9M12 19.5h.01',
  spark: 'M12 3.5 13.9 10 20.5 12l-6.6 2L12 20.5 10.1 14 3.5 12l6.6-2Z',
  question:
    'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM9.7 9.5a2.4 2.4 0 1 1 3.6 2.1c-.9.5-1.3 1-1.3 1.9M12 16.8h.01',
  theme: 'M12 4a8 8 0 1 0 0 16ZM12 4a8 8 0 0 1 0 16',
  reply: 'm9 7-5 5 5 5M4 12h9a6 6 0 0 1 6 6',
  leave: 'M10 4H5v16h5M15 8l4 4-4 4M19 12H9',
  page: 'M4 5h16v14H4ZM4 9h16M7 7h.01',
  pin: 'M9 4h6l-1 6 3.5 3.5h-11L10 10ZM12 13.5V20',
  edit: 'm5 19 .8-3.8L16.5 4.5l3 3L8.8 18.2ZM14 7l3 3',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  grip: 'M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01',
  filter: 'M4 5h16l-6.2 7.5V19l-3.6-2v-4.5Z',
  megaphone: 'M4 10v4h3l9 4V6L7 10ZM7 14l1.2 5H11l-1-4M19 10.5v3',
  history: 'M4 12a8 8 0 1 1 2.5 5.8M4 19v-5h5M12 8v4.5l3 1.8',
  merge: 'M6 4v4c0 3 6 3 6 7v5M18 4v4c0 3-6 3-6 7M9 17l3 3 3-3',
  template: 'M5 4h14v5H5ZM5 13h6v7H5ZM15 13h4v7h-4Z',
} as const

export type IconName = keyof typeof paths

/** An ornament: what it means is said by the words or the label beside it. */
export function Icon({ name, small }: { name: IconName; small?: boolean }) {
  return (
    <svg class={small ? 'icon small' : 'icon'} viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
