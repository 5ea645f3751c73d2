// Elements in one call. Text goes in as text: nothing here can read markup.

type Child = Node | string | undefined | false

interface Properties {
  readonly class?: string
  readonly label?: string
  readonly id?: string
  readonly role?: string
  readonly type?: string
  readonly onClick?: (event: Event) => void
  readonly [attribute: `aria-${string}` | `data-${string}`]: unknown
}

/** An element with its attributes and what is in it. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  { class: className, label, onClick, ...attributes }: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  if (className) element.className = className
  if (label) element.setAttribute('aria-label', label)
  if (onClick) element.addEventListener('click', onClick)
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(attribute, String(value))
  }
  element.append(...children.filter((child) => child !== undefined && child !== false))
  return element
}

/** A drawing of one stroke in a box of 24. */
export function icon(path: string): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const stroke = document.createElementNS(space, 'path')
  stroke.setAttribute('d', path)
  svg.append(stroke)
  return svg
}

export const icons = {
  chat: 'M4 5h16v11H9l-5 4V5z',
  close: 'M6 6l12 12M18 6L6 18',
  send: 'M4 12l16-7-7 16-2-7-7-2z',
  attach: 'M8 12l6-6a3 3 0 014 4l-8 8a5 5 0 01-7-7l7-7',
  file: 'M6 3h8l4 4v14H6V3zm8 0v4h4',
} as const
