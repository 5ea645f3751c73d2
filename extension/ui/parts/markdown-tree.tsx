// Markdown's tokens as elements. What a text says can become text and links, never markup: raw HTML
// is shown as it was typed, a picture is a link, and nothing here asks the network.

import type { Token, Tokens } from 'marked'
import type { ComponentChildren } from 'preact'

import { words } from '../../words.ts'
import { safeHref } from '../kit/harmless.ts'
import { Icon } from '../kit/icon.tsx'

/** Deeper than that nobody writes, but somebody may try. */
const deepest = 12

/** Draws what `marked` has read. */
export function drawMarkdown(tokens: readonly Token[]): ComponentChildren {
  return blocks(tokens, 0)
}

function blocks(tokens: readonly Token[], depth: number): ComponentChildren {
  if (depth > deepest) return tokens.map((token) => token.raw).join('')
  return tokens.map((token) => drawBlock(token as KnownToken, depth))
}

/** What the reader makes. Its own `Token` also holds those of plug-ins, which may be anything. */
type KnownToken =
  | Tokens.Blockquote
  | Tokens.Br
  | Tokens.Checkbox
  | Tokens.Code
  | Tokens.Codespan
  | Tokens.Def
  | Tokens.Del
  | Tokens.Em
  | Tokens.Escape
  | Tokens.HTML
  | Tokens.Heading
  | Tokens.Hr
  | Tokens.Image
  | Tokens.Link
  | Tokens.List
  | Tokens.Paragraph
  | Tokens.Space
  | Tokens.Strong
  | Tokens.Table
  | Tokens.Text

function drawBlock(token: KnownToken, depth: number): ComponentChildren {
  switch (token.type) {
    case 'space':
    case 'def':
      return null
    case 'heading':
      return (
        <p class={token.depth < 3 ? 'heading' : 'heading low'}>{inline(token.tokens, depth)}</p>
      )
    case 'paragraph':
      return <p>{inline(token.tokens, depth)}</p>
    case 'text':
      return <p>{token.tokens ? inline(token.tokens, depth) : token.text}</p>
    case 'code':
      return (
        <pre tabIndex={0}>
          <code>{token.text}</code>
        </pre>
      )
    case 'blockquote':
      return <blockquote>{blocks(token.tokens, depth + 1)}</blockquote>
    case 'list':
      return drawList(token, depth)
    case 'table':
      return drawTable(token, depth)
    case 'hr':
      return <hr />
    case 'html':
      return <p class="as-typed">{token.raw.trimEnd()}</p>
    default:
      return inline([token], depth)
  }
}

function drawList({ ordered, start, items }: Tokens.List, depth: number) {
  const entries = items.map((item) => <li>{item.tokens.map((token) => listPart(token, depth))}</li>)
  return ordered ? <ol start={start === '' ? 1 : start}>{entries}</ol> : <ul>{entries}</ul>
}

function listPart(token: Token, depth: number): ComponentChildren {
  const known = token as KnownToken
  // A tight list's words stand in the item itself, without a paragraph's space around them.
  if (known.type === 'text') return known.tokens ? inline(known.tokens, depth) : known.text
  return depth >= deepest ? known.raw : drawBlock(known, depth + 1)
}

function drawTable({ header, rows }: Tokens.Table, depth: number) {
  return (
    <div class="table-scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {header.map((cell) => (
              <th style={alignOf(cell)}>{inline(cell.tokens, depth)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell) => (
                <td style={alignOf(cell)}>{inline(cell.tokens, depth)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function alignOf({ align }: Tokens.TableCell) {
  return align ? { textAlign: align } : undefined
}

function inline(tokens: readonly Token[], depth: number): ComponentChildren {
  if (depth > deepest) return tokens.map((token) => token.raw).join('')
  return tokens.map((token) => drawInline(token as KnownToken, depth + 1))
}

function drawInline(token: KnownToken, depth: number): ComponentChildren {
  switch (token.type) {
    case 'strong':
      return <strong>{inline(token.tokens, depth)}</strong>
    case 'em':
      return <em>{inline(token.tokens, depth)}</em>
    case 'del':
      return <del>{inline(token.tokens, depth)}</del>
    case 'codespan':
      return <code>{token.text}</code>
    case 'br':
      return <br />
    case 'checkbox':
      return token.checked ? '☑ ' : '☐ '
    case 'escape':
      return token.text
    case 'link':
      return <Anchor href={token.href}>{inline(token.tokens, depth)}</Anchor>
    case 'image':
      return (
        <Anchor href={token.href}>
          <Icon name="image" small /> {token.text || words.chat.linkedPicture}
        </Anchor>
      )
    case 'text':
      return token.tokens ? inline(token.tokens, depth) : token.text
    default:
      return token.raw
  }
}

/** A link shows on hover where it really goes; one that goes nowhere safe is only its words. */
function Anchor({ href, children }: { href: string; children: ComponentChildren }) {
  const safe = safeHref(href)
  if (!safe) return <span>{children}</span>
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer" data-hint={safe}>
      {children}
    </a>
  )
}
