// The runtime's process, found among this one's children, and killed without a word.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Kills this process's workerd with SIGKILL. Miniflare starts another over the same storage. */
export function killWorkerd(): number {
  const pid = workerdPid()
  if (pid === undefined) throw new Error('no workerd runs below this process')
  process.kill(pid, 'SIGKILL')
  return pid
}

/** The process id of the workerd that runs below this process now. */
export function workerdPid(): number | undefined {
  return children().find(({ parent, name }) => parent === process.pid && name.includes('workerd'))
    ?.pid
}

interface Child {
  readonly pid: number
  readonly parent: number
  readonly name: string
}

function children(): Child[] {
  if (!existsSync('/proc/self/stat')) {
    return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='])
      .toString()
      .split('\n')
      .map((row) => row.trim().split(/\s+/))
      .map(([pid, parent, ...name]) => ({
        pid: Number(pid),
        parent: Number(parent),
        name: name.join(' '),
      }))
  }
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
        // `pid (name) state parent …`: the name may hold anything, the brackets end it.
        const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? []
        const [state, parent] = rest.split(' ')
        return state === 'Z' ? [] : [{ pid: Number(entry), parent: Number(parent), name }]
      } catch {
        // It has ended meanwhile.
        return []
      }
    })
}
