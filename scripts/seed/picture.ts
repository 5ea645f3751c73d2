// A picture of our own making: a small PNG of a bicycle's wheel, drawn pixel by pixel.

import { crc32, deflateSync } from 'node:zlib'

const side = 160

/** The bytes of the picture. */
export function png(): Uint8Array<ArrayBuffer> {
  const rows = Buffer.alloc(side * (side * 3 + 1))
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      rows.set(colourAt(x, y), y * (side * 3 + 1) + 1 + x * 3)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return new Uint8Array(
    Buffer.concat([
      Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(rows)),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  )
}

function colourAt(x: number, y: number): readonly [number, number, number] {
  const [dx, dy] = [x - side / 2, y - side / 2]
  const radius = Math.hypot(dx, dy)
  const turn = Math.atan2(dy, dx) / (Math.PI / 8)
  if (radius > 60 && radius < 72) return [38, 42, 51]
  if (radius < 8) return [47, 91, 234]
  if (radius <= 60 && Math.abs(turn - Math.round(turn)) < 0.5 / Math.max(radius / 12, 1)) {
    return [150, 156, 168]
  }
  return [238, 240, 244]
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const size = Buffer.alloc(4)
  size.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([size, body, sum])
}
