// From a signed webhook to an operator's socket, against an object that echoes to a socket.

import { deliveryOf, numbers, openBare, openHouse, signed } from './house.ts'
import { open, requestOf } from './load.ts'
import { compared, milliseconds, type Found } from './report.ts'
import { alternate, median, type Rounds } from './rounds.ts'
import { listen, until, type Listener } from './sockets.ts'

const rounds = 11
const messages = 60

export async function live(): Promise<Found> {
  const house = await openHouse()
  const bare = await openBare()
  try {
    const [from = ''] = numbers(1)
    const line = await lineTo(house.url)
    const bareLine = await lineTo(bare.url)
    const inbox = await listen(house.url, '/api/live', await ticket())
    const row = inbox.next((news) => /"id":"(ses_\w+)"/.exec(news)?.[1])
    await line.ask(signed(house.attended.id, deliveryOf(from, 'The first').body))
    const sessionId = await row
    const path = `/api/sessions/${sessionId}/live`
    const session = await listen(house.url, path, await ticket())
    const echo = await listen(bare.url, '/live/echo')

    const toInbox: number[] = []
    const ours = async () => {
      const seen: number[] = []
      const rows: number[] = []
      for (let n = 0; n < messages; n += 1) {
        const { id, body } = deliveryOf(from, `Message ${n}`)
        const text = `is it ${id}?`
        const request = signed(house.attended.id, body.replace(`Message ${n}`, text))
        const began = performance.now()
        const atSession = session.next((news) => until(news, text, began))
        const atInbox = inbox.next((news) => until(news, text, began))
        await line.ask(request)
        seen.push(await atSession)
        rows.push(await atInbox)
        await quiet()
      }
      toInbox.push(median(rows))
      return median(seen)
    }
    const theirs = async () => {
      const seen: number[] = []
      for (let n = 0; n < messages; n += 1) {
        const text = `is it ${Math.random()}?`
        const request = requestOf('/echo/echo', text)
        const began = performance.now()
        const heard = echo.next((news) => until(news, text, began))
        await bareLine.ask(request)
        seen.push(await heard)
        await quiet()
      }
      return median(seen)
    }
    const found = await alternate(rounds, ours, theirs)
    const rows: Rounds = { ours: toInbox.slice(1), bare: found.bare }
    for (const one of [session, inbox, echo] satisfies Listener[]) one.close()
    line.close()
    bareLine.close()
    const aim = { ratio: 2, better: 'lower' } as const
    return {
      figures: [
        compared('webhook to the fact on the session’s socket, p50', found, milliseconds, aim),
        compared('webhook to the row on the inbox’s socket, p50', rows, milliseconds, aim),
      ],
      notes: [
        'Live: one message at a time, from the first byte sent to the frame received. Against it: HTTP, Hono, ' +
          'one call to an object, one insert, one frame; no signature, no session. The row of the inbox has passed ' +
          'thread, session and inbox: three objects, each of which writes before it speaks.',
      ],
    }
  } finally {
    await house.close()
    await bare.close()
  }

  async function ticket(): Promise<string> {
    return (await house.owner('POST /api/tickets', { body: {} })).ticket
  }
}

async function lineTo(url: string) {
  const { hostname, port } = new URL(url)
  return open(hostname, Number(port))
}

/** Lets what follows a message end before the next begins. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 8))
}
