import { Marked } from 'marked'
import { isValidElement, toChildArray, type ComponentChildren, type VNode } from 'preact'
import { describe, expect, it } from 'vitest'

import { drawMarkdown } from './markdown-tree.tsx'

const marked = new Marked({ gfm: true, breaks: true })

interface Drawn {
  readonly names: string[]
  readonly text: string
  readonly links: string[]
}

/** Every element and every letter that comes out, components opened too. */
function draw(text: string): Drawn {
  const drawn: Drawn & { text: string } = { names: [], text: '', links: [] }
  visit(drawMarkdown(marked.lexer(text)), drawn)
  return drawn
}

function visit(children: ComponentChildren, drawn: Drawn & { text: string }): void {
  for (const child of toChildArray(children)) {
    if (!isValidElement(child)) {
      drawn.text += String(child)
      continue
    }
    const { type, props } = child as VNode<{ children?: ComponentChildren; href?: string }>
    if (typeof type === 'function') {
      visit((type as (given: unknown) => ComponentChildren)(props), drawn)
      continue
    }
    drawn.names.push(type)
    if (type === 'a' && props.href) drawn.links.push(props.href)
    visit(props.children, drawn)
  }
}

describe('drawMarkdown', () => {
  it('keeps lists, code, tables and emphasis', () => {
    const { names } = draw('- **a**\n- b\n\n```\ncode\n```\n\n|x|y|\n|-|-|\n|1|2|')

    expect(names).toEqual(
      expect.arrayContaining(['ul', 'li', 'strong', 'pre', 'code', 'table', 'td']),
    )
  })

  it('shows raw HTML as it was typed', () => {
    const { names, text } = draw(
      '<img src=x onerror=alert(1)>\n\nHi <b>there</b> <script>x()</script>',
    )

    expect(names).not.toEqual(expect.arrayContaining(['img']))
    expect(names).not.toContain('script')
    expect(names).not.toContain('b')
    expect(text).toContain('<img src=x onerror=alert(1)>')
    expect(text).toContain('<b>there</b>')
  })

  it('links only to where a link may lead', () => {
    const { links, text } = draw(
      '[a](https://example.com/) [b](javascript:alert(1)) [c](data:text/html,x) [d](/e) https://f.example',
    )

    expect(links).toEqual(['https://example.com/', 'https://f.example/'])
    expect(text).toContain('b')
  })

  it('makes a picture a link: drawing must not ask the network', () => {
    const { names, links } = draw('![chart](https://example.com/c.png)')

    expect(names).not.toContain('img')
    expect(links).toEqual(['https://example.com/c.png'])
  })

  it('stops somewhere in what is nested without end, and loses no letter of it', () => {
    const { names, text } = draw(`${'> '.repeat(200)}deep`)

    expect(names.filter((name) => name === 'blockquote').length).toBeLessThan(20)
    expect(text).toContain('deep')
  })
})
