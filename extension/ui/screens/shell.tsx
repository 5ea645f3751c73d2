// What stands around every screen: the skip link, the bars, the toasts, the hint.

import { useStore } from '@nanostores/preact'
import { render, type ComponentChildren, type ComponentType } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

import type { Environment } from '../../core/environment.ts'
import { $line, $online } from '../../core/news.ts'
import { $route, go } from '../../core/route.ts'
import { $me, $serverDown, signOut } from '../../core/sign-in.ts'
import { start } from '../../core/start.ts'
import { $toasts, dismissToast } from '../../core/toasts.ts'
import { words } from '../../words.ts'
import '../tokens.css'
import '../kit/base.css'
import { Avatar } from '../kit/avatar.tsx'
import { Button } from '../kit/button.tsx'
import { Hints } from '../kit/hint.tsx'
import { Menu } from '../kit/menu.tsx'
import { Bar, Empty, Skeleton } from '../kit/states.tsx'
import { $theme, resumeTheme, setTheme } from '../kit/theme.ts'
import { Toasts } from '../kit/toasts.tsx'
import './shell.css'
import { SignIn } from './sign-in.tsx'
import { useTitle } from './title.ts'

/** Starts the core and draws a surface. Gives back how to take it all away. */
export function mount(root: HTMLElement, environment: Environment, Surface: ComponentType) {
  resumeTheme()
  const stop = start(environment)
  document.documentElement.dataset['surface'] = environment.surface
  render(<Shell Surface={Surface} />, root)
  return () => {
    render(null, root)
    stop()
  }
}

function Shell({ Surface }: { Surface: ComponentType }) {
  const { name } = useStore($route)
  const toasts = useStore($toasts)
  useTitle()

  return (
    <>
      {name === 'starting' && <Starting />}
      {name === 'sign-in' && <SignIn />}
      {name !== 'starting' && name !== 'sign-in' && <Surface />}
      <Toasts
        toasts={toasts}
        label={words.toastsLabel}
        closeLabel={words.close}
        onDismiss={dismissToast}
      />
      <Hints />
    </>
  )
}

function Starting() {
  const down = useStore($serverDown)

  return (
    <main id="main" class="starting">
      {down && <Bar icon="offline" text={words.unreachable} />}
      <Skeleton label={words.loading} count={6} />
    </main>
  )
}

/** First for who comes by keyboard. A script, for the address belongs to the route. */
export function SkipLink() {
  return (
    <a
      class="skip"
      href="#main"
      onClick={(event) => {
        event.preventDefault()
        document.querySelector<HTMLElement>('#main')?.focus()
      }}
    >
      {words.skip}
    </a>
  )
}

export function Main({ children }: { children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null)
  const route = useStore($route)

  // What had the focus may have gone with the screen before: the new one is where to go on from.
  useEffect(() => {
    if (document.activeElement === document.body) main.current?.focus({ preventScroll: true })
  }, [route])

  return (
    <main ref={main} id="main" class="main" tabIndex={-1}>
      {children}
    </main>
  )
}

/** Says when what is shown may be old; what is there stays readable. */
export function OfflineBar() {
  const online = useStore($online)
  const line = useStore($line)
  if (!online) return <Bar icon="offline" text={words.offlineBar} />
  if (line === 'offline') return <Bar icon="offline" text={words.chat.reconnecting} />
  return null
}

/** Who I am, light or dark, and the way out. */
export function MeMenu() {
  const me = useStore($me)
  const theme = useStore($theme)

  return (
    <Menu
      label={words.me.menu(me?.operator.name ?? '')}
      face={me && <Avatar id={me.operator.id} name={me.operator.name} size="small" />}
      items={[
        ...(['system', 'light', 'dark'] as const).map((one) => ({
          title: words.me.themes[one],
          checked: one === theme,
          onSelect: () => setTheme(one),
        })),
        { title: words.me.signOut, icon: 'leave', onSelect: () => void signOut() },
      ]}
    />
  )
}

export function NotFound() {
  return (
    <Empty icon="question" text={words.missing.page}>
      <Button onClick={() => go({ name: 'home' })}>{words.missing.toStart}</Button>
    </Empty>
  )
}
