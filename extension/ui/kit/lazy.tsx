// Screens that are fetched when they are first wanted: the panel need not carry what it seldom shows.

import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'

import { Button } from './button.tsx'
import { Skeleton, Trouble } from './states.tsx'

export interface LazyWords {
  readonly loading: string
  readonly failed: string
  readonly retry: string
}

/** A component that stands for another until it has come. */
export function lazy<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  words: LazyWords,
): ComponentType<Props> {
  let Loaded: ComponentType<Props> | undefined

  async function fetchOnce(say: (state: 'ready' | 'failed') => void): Promise<void> {
    try {
      Loaded = await load()
      say('ready')
    } catch {
      say('failed')
    }
  }

  return function Lazy(props: Props) {
    const [state, setState] = useState<'loading' | 'ready' | 'failed'>(Loaded ? 'ready' : 'loading')

    useEffect(() => {
      if (state !== 'loading') return
      void fetchOnce(setState)
    }, [state])

    if (Loaded) return <Loaded {...props} />
    if (state !== 'failed') return <Skeleton label={words.loading} count={6} />
    return (
      <Trouble text={words.failed}>
        <Button small onClick={() => setState('loading')}>
          {words.retry}
        </Button>
      </Trouble>
    )
  }
}
