// Whose phone it is: a name and a number, chosen or made up, remembered by the browser.

import { el } from '../widget/dom.ts'
import { knownOwners, type DemoConnection } from './sandbox.ts'

export interface Owner {
  readonly name: string
  /** Digits of a phone number, or a username. */
  readonly address: string
}

const firstNames = ['Robin', 'Noor', 'Sasha', 'Kim', 'Alex', 'Jules', 'Rana', 'Teo', 'Ida', 'Sam']
const lastNames = ['Vale', 'Oduya', 'Lind', 'Castro', 'Moreau', 'Ito', 'Haas', 'Novak', 'Reyes']
const mostKept = 40

/** The field of a phone's owner. Says whose it is at once, and at every change. */
export function newOwner(connection: DemoConnection, changed: (owner: Owner) => void): HTMLElement {
  const key = `playground:${connection.id}`
  const owners = keptOwners(key)
  const name = el('input', { label: 'Name', type: 'text' })
  const address = el('input', {
    label: connection.addresses === 'usernames' ? 'Username' : 'Phone number',
    type: 'text',
  })
  const known = el('datalist', { id: `known-${connection.id}` })
  address.setAttribute('list', known.id)

  function become(owner: Owner): void {
    name.value = owner.name
    address.value = owner.address
    const others = owners.filter((one) => one.address !== owner.address)
    owners.splice(0, owners.length, owner, ...others.slice(0, mostKept - 1))
    keep(key, owners)
    known.replaceChildren(
      ...owners.map((one) => {
        const option = el('option', {}, one.name)
        option.value = one.address
        return option
      }),
    )
    changed(owner)
  }

  /** With whoever was played last, else with whoever wrote last, else with somebody new. */
  async function begin(): Promise<void> {
    const known = await knownOwners(connection)
    const mine = new Set(owners.map((one) => one.address))
    owners.push(...known.filter((one) => !mine.has(one.address)))
    become(owners[0] ?? madeUp(connection))
  }

  name.addEventListener('change', () => become({ name: name.value, address: address.value }))
  address.addEventListener('change', () => {
    const chosen = owners.find((one) => one.address === address.value)
    become(chosen ?? { name: name.value, address: address.value })
  })
  const anew = el('button', { type: 'button', onClick: () => become(madeUp(connection)) }, 'New')
  void begin()
  return el('div', { class: 'who' }, name, address, anew, known)
}

function madeUp({ addresses }: DemoConnection): Owner {
  const name = `${any(firstNames)} ${any(lastNames)}`
  const digits = String(Math.floor(Math.random() * 1e7)).padStart(7, '0')
  return {
    name,
    address:
      addresses === 'usernames'
        ? `${name.toLowerCase().replace(' ', '_')}${digits.slice(0, 3)}`
        : // A number of a range that is given to nobody: +44 7700 900xxx.
          `447700900${digits.slice(0, 3)}`,
  }
}

function any(list: readonly string[]): string {
  return list[Math.floor(Math.random() * list.length)] ?? ''
}

function keptOwners(key: string): Owner[] {
  try {
    // Safe: `keep` wrote it.
    return JSON.parse(localStorage.getItem(key) ?? '[]') as Owner[]
  } catch {
    return []
  }
}

function keep(key: string, owners: readonly Owner[]): void {
  try {
    localStorage.setItem(key, JSON.stringify(owners))
  } catch {
    // Blocked: the phone is new after a reload.
  }
}
