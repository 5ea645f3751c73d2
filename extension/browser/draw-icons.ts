// Draws the icon in its four sizes: `node extension/browser/draw-icons.ts`. The PNGs are committed.

import { mkdirSync, writeFileSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly radius: number
  readonly colour: readonly [number, number, number, number]
}

/** In units of a 32 × 32 grid: a page, and the panel alongside it. */
const boxes: readonly Box[] = [
  { x: 1, y: 1, width: 30, height: 30, radius: 8, colour: [47, 91, 234, 255] },
  { x: 6, y: 8, width: 11, height: 16, radius: 3, colour: [255, 255, 255, 130] },
  { x: 19, y: 8, width: 7, height: 16, radius: 3, colour: [255, 255, 255, 255] },
]
const samples = 4
const folder = new URL('../public/icon/', import.meta.url)

mkdirSync(folder, { recursive: true })
for (const size of [16, 32, 48, 128]) writeFileSync(new URL(`${size}.png`, folder), png(size))

function png(size: number): Buffer {
  const rows = Buffer.alloc(size * (size * 4 + 1))
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) rows.set(pixel(x, y, size), y * (size * 4 + 1) + 1 + x * 4)
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  // 8 bits a channel, RGBA.
  header.set([8, 6], 8)
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const whole = Buffer.alloc(body.length + 8)
  whole.writeUInt32BE(data.length, 0)
  body.copy(whole, 4)
  whole.writeUInt32BE(crc32(body), body.length + 4)
  return whole
}

/** The mean of several points in the pixel, so that edges are smooth. */
function pixel(x: number, y: number, size: number): number[] {
  const sum = [0, 0, 0, 0]
  for (let i = 0; i < samples * samples; i += 1) {
    const at = (n: number, sub: number) => ((n + (sub + 0.5) / samples) * 32) / size
    const [r, g, b, a] = colourAt(at(x, i % samples), at(y, Math.floor(i / samples)))
    for (const [index, value] of [r * a, g * a, b * a, a].entries()) {
      sum[index] = (sum[index] ?? 0) + value
    }
  }
  const [r = 0, g = 0, b = 0, a = 0] = sum
  if (a === 0) return [0, 0, 0, 0]
  return [r / a, g / a, b / a, (a * 255) / samples ** 2].map(Math.round)
}

function colourAt(x: number, y: number): [number, number, number, number] {
  let [red, green, blue, alpha] = [0, 0, 0, 0]
  for (const box of boxes) {
    if (!holds(box, x, y)) continue
    const cover = box.colour[3] / 255
    const left = alpha * (1 - cover)
    const total = cover + left
    red = (box.colour[0] * cover + red * left) / total
    green = (box.colour[1] * cover + green * left) / total
    blue = (box.colour[2] * cover + blue * left) / total
    alpha = total
  }
  return [red, green, blue, alpha]
}

function holds({ x, y, width, height, radius }: Box, px: number, py: number): boolean {
  const dx = Math.abs(px - x - width / 2) - width / 2 + radius
  const dy = Math.abs(py - y - height / 2) - height / 2 + radius
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) <= radius
}
