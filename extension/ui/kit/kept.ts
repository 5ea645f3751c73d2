// Drawn anew only when something has changed: for what stands in a list a hundred times.

import { createElement, type Component, type ComponentChild, type JSX } from 'preact'

/**
 * A component that keeps what it has drawn while its properties are the same. (A vnode kept by
 * `useMemo` would hold on to everything it was first drawn among.)
 */
export function kept<Props extends object>(
  draw: (props: Props) => ComponentChild,
): (props: Props) => JSX.Element {
  return function Kept(this: Component<Props> | void, props: Props): JSX.Element {
    if (this) this.shouldComponentUpdate = (next) => !isSame(this.props, next)
    return createElement<Props>(draw, props) as JSX.Element
  }
}

function isSame<Props extends object>(before: Readonly<Props>, next: Readonly<Props>): boolean {
  const names = Object.keys(next) as (keyof Props)[]
  return (
    names.length === Object.keys(before).length &&
    names.every((name) => Object.is(before[name], next[name]))
  )
}
